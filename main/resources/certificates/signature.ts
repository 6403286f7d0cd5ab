import { createPublicKey, verify } from 'node:crypto'
import { parseCertificateRequest, type CertificateRequest } from '../../../shared/machinery/certificate-request.ts'

/** Hashes of the signature algorithms that requests are made with; Ed25519 has its own. */
const algorithms: Readonly<Record<string, { hash: string | null; fault: string } | undefined>> = {
  '1.2.840.113549.1.1.11': { hash: 'sha256', fault: 'crypto/rsa: verification error' },
  '1.2.840.113549.1.1.12': { hash: 'sha384', fault: 'crypto/rsa: verification error' },
  '1.2.840.113549.1.1.13': { hash: 'sha512', fault: 'crypto/rsa: verification error' },
  '1.2.840.10045.4.3.2': { hash: 'sha256', fault: 'x509: ECDSA verification failure' },
  '1.2.840.10045.4.3.3': { hash: 'sha384', fault: 'x509: ECDSA verification failure' },
  '1.2.840.10045.4.3.4': { hash: 'sha512', fault: 'x509: ECDSA verification failure' },
  '1.3.101.112': { hash: null, fault: 'x509: Ed25519 verification failure' },
}

/** Why a request, PEM in base64, can not be taken: it is malformed, or not signed by the key that it names. */
export function requestFault(base64: string): string | undefined {
  try {
    return signatureFault(parseCertificateRequest(base64))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function signatureFault({ algorithm, publicKey, signed, signature }: CertificateRequest): string | undefined {
  const known = algorithms[algorithm]
  if (!known) return 'x509: cannot verify signature: algorithm unimplemented'
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  return verify(known.hash, signed, key, signature) ? undefined : known.fault
}
