import { derMembers, derOid, derText, derValue, type DerValue } from './der.ts'

/** What a PKCS #10 request asks for (RFC 2986), as far as Kubernetes looks at it. */
export interface CertificateRequest {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly dnsNames: readonly string[]
  readonly emails: readonly string[]
  readonly uris: readonly string[]
  /** As bytes, four or sixteen. */
  readonly ips: readonly Uint8Array[]
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  /** What `signature` was made of. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  /** Of the signature, dotted. */
  readonly algorithm: string
}

const names = { commonName: '2.5.4.3', organization: '2.5.4.10' }
const extensionRequest = '1.2.840.113549.1.9.14'
const subjectAltName = '2.5.29.17'
const kinds = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 }

/** Reads a request in PEM, given in base64 as API objects carry bytes. Throws an Error in upstream's words. */
export function parseCertificateRequest(base64: string): CertificateRequest {
  return parse(derValue(pemContent(base64)))
}

function pemContent(base64: string): Uint8Array {
  const block = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----/.exec(atob(base64))
  if (block?.[1] !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST')
  const content = atob((block[2] ?? '').replace(/\s/g, ''))
  return Uint8Array.from(content, letter => letter.charCodeAt(0))
}

function parse(request: DerValue): CertificateRequest {
  const [info, algorithm, signature] = derMembers(request)
  const [, subject, publicKey, ...rest] = info ? derMembers(info) : []
  const [oid] = algorithm ? derMembers(algorithm) : []
  if (!info || !subject || !publicKey || !oid || signature?.tag !== 0x03)
    throw new Error('asn1: structure error: not a request')
  const subjectValues = derMembers(subject).flatMap(derMembers).map(derMembers)
  const valuesOf = (name: string) =>
    subjectValues.flatMap(([type, value]) => (type && value && derOid(type) === name ? [derText(value)] : []))
  const alternatives = alternativeNames(rest)
  const textsOf = (tag: number) => alternatives.filter(value => value.tag === tag).map(derText)
  return {
    commonName: valuesOf(names.commonName).at(-1) ?? '',
    organizations: valuesOf(names.organization),
    dnsNames: textsOf(kinds.dns),
    emails: textsOf(kinds.email),
    uris: textsOf(kinds.uri),
    ips: alternatives.filter(({ tag }) => tag === kinds.ip).map(({ content }) => content),
    publicKey: publicKey.bytes,
    signed: info.bytes,
    // The first byte of a bit string says how many bits of the last are unused: none.
    signature: signature.content.subarray(1),
    algorithm: derOid(oid),
  }
}

/** The names in the extension that the attributes ask for. */
function alternativeNames(attributes: readonly DerValue[]): DerValue[] {
  const extensions = attributes.flatMap(derMembers).flatMap(attribute => {
    const [type, values] = derMembers(attribute)
    return type && values && derOid(type) === extensionRequest ? derMembers(values).flatMap(derMembers) : []
  })
  return extensions.flatMap(extension => {
    const [type, ...rest] = derMembers(extension)
    const value = rest.at(-1)
    return type && value && derOid(type) === subjectAltName ? derMembers(derValue(value.content)) : []
  })
}
