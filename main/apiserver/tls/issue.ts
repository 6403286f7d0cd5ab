import './reflect-metadata.ts'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
  type JsonGeneralName,
  type JsonName,
} from '@peculiar/x509'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'

/** Of the cluster's own keys. */
export const signatureAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 24 * 60 * 60_000
/** Clocks of containers and hosts differ by a little. */
const backdated = 5 * 60_000

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  certificate: string
  key: string
}

export interface Subject {
  commonName: string
  organization?: string
}

interface Issue {
  subject: Subject
  usage: 'server' | 'client'
  /** DNS names and IP addresses of a serving certificate. */
  names?: readonly string[]
  ca: KeyPair
  now: number
}

/** Makes a certificate authority that signs for ten years, as kubeadm's do. */
export async function issueAuthority(commonName: string, now: number): Promise<KeyPair> {
  const keys = await newKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: nameOf({ commonName }),
    keys,
    signingAlgorithm: signatureAlgorithm,
    ...validity(now, 3650),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return pairOf(certificate, keys)
}

/** Makes a certificate for one year, signed by `ca`. */
export async function issueCertificate({ subject, usage, names = [], ca, now }: Issue): Promise<KeyPair> {
  const authority = new X509Certificate(ca.certificate)
  const keys = await newKeys()
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([usage === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
    await AuthorityKeyIdentifierExtension.create(authority.publicKey),
  ]
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names.map(alternativeName)))
  const certificate = await X509CertificateGenerator.create({
    subject: nameOf(subject),
    issuer: authority.subjectName.toJSON(),
    publicKey: keys.publicKey,
    signingKey: await importKey(ca.key),
    signingAlgorithm: signatureAlgorithm,
    ...validity(now, 365),
    extensions,
  })
  return pairOf(certificate, keys)
}

const alternativeName = (value: string): JsonGeneralName => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })
const nameOf = ({ commonName, organization }: Subject): JsonName => [
  ...(organization === undefined ? [] : [{ O: [organization] }]),
  { CN: [commonName] },
]
const validity = (now: number, days: number) => ({
  notBefore: new Date(now - backdated),
  notAfter: new Date(now + days * day),
})
const newKeys = () => webcrypto.subtle.generateKey(signatureAlgorithm, true, ['sign', 'verify'])

/** A private key, PKCS #8 in PEM, to sign with. */
export async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = PemConverter.decode(pem)
  if (!der) throw new Error('the private key of the certificate authority holds no PEM block')
  return webcrypto.subtle.importKey('pkcs8', der, signatureAlgorithm, false, ['sign'])
}

async function pairOf(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { certificate: `${certificate.toString('pem')}\n`, key: `${PemConverter.encode(key, 'PRIVATE KEY')}\n` }
}
