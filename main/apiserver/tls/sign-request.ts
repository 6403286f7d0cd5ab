import './reflect-metadata.ts'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  X509Certificate,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509'
import { importKey, signatureAlgorithm, type KeyPair } from './issue.ts'

const subjectAltName = '2.5.29.17'
const backdate = 5 * 60_000
const short = 8 * 60 * 60_000

/** Bits of the key usage extension (pkg/apis/certificates, client-go/util/certificate/csr). */
const keyUsages: Readonly<Record<string, KeyUsageFlags | undefined>> = {
  signing: KeyUsageFlags.digitalSignature,
  'digital signature': KeyUsageFlags.digitalSignature,
  'content commitment': KeyUsageFlags.nonRepudiation,
  'key encipherment': KeyUsageFlags.keyEncipherment,
  'key agreement': KeyUsageFlags.keyAgreement,
  'data encipherment': KeyUsageFlags.dataEncipherment,
  'cert sign': KeyUsageFlags.keyCertSign,
  'crl sign': KeyUsageFlags.cRLSign,
  'encipher only': KeyUsageFlags.encipherOnly,
  'decipher only': KeyUsageFlags.decipherOnly,
}
const extendedKeyUsages: Readonly<Record<string, string | undefined>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
}

export interface SigningWish {
  /** PKCS #10 in PEM. */
  request: string
  usages: readonly string[]
  /** Milliseconds. */
  duration: number
}

/**
 * Signs a request as it is, with the subject and names that it asks for
 * (pkg/controller/certificates/authority, PermissiveSigningPolicy): who may have them was decided before. The answer is PEM.
 */
export async function signRequest(ca: KeyPair, wish: SigningWish, now: number): Promise<string> {
  const authority = new X509Certificate(ca.certificate)
  const request = new Pkcs10CertificateRequest(wish.request)
  const [first, ...others] = wish.usages.flatMap(usage => keyUsages[usage] ?? [])
  const extended = [...new Set(wish.usages.flatMap(usage => extendedKeyUsages[usage] ?? []))]
  const extensions: Extension[] = [
    ...(first
      ? [
          new KeyUsagesExtension(
            others.reduce((sum, bit) => sum | bit, first),
            true,
          ),
        ]
      : []),
    ...(extended.length > 0 ? [new ExtendedKeyUsageExtension(extended)] : []),
    new BasicConstraintsExtension(false, undefined, true),
    await AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ...request.extensions.filter(({ type }) => type === subjectAltName),
  ]
  // Those that live long begin and end a little earlier; of those that live short that would be a good part.
  const begin = now - backdate
  const end = (wish.duration < short ? now : begin) + wish.duration
  const certificate = await X509CertificateGenerator.create({
    subject: request.subjectName.toJSON(),
    issuer: authority.subjectName.toJSON(),
    publicKey: request.publicKey,
    signingKey: await importKey(ca.key),
    signingAlgorithm: signatureAlgorithm,
    notBefore: new Date(begin),
    notAfter: new Date(Math.min(end, authority.notAfter.getTime())),
    extensions,
  })
  return `${certificate.toString('pem')}\n`
}
