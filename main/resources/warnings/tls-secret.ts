import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import type { Secret } from '../../../shared/api/core.ts'

/** A TLS Secret whose key can't serve its certificate, in the words of Go's tls.X509KeyPair. */
export function tlsSecretWarnings({ type, data = {} }: Secret): string[] {
  if (type !== 'kubernetes.io/tls') return []
  const text = (name: string) => Buffer.from(data[name] ?? '', 'base64').toString('latin1')
  const why = pairFault(text('tls.crt'), text('tls.key'))
  return why === undefined ? [] : [why]
}

const blocks = (text: string) => [...text.matchAll(/^-----BEGIN ([^\n]*?)-----[^]*?^-----END \1-----/gm)]
const typesOf = (found: RegExpExecArray[]) => found.map(([, type = '']) => type)
const isKeyType = (type: string) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')

function pairFault(certificateText: string, keyText: string): string | undefined {
  const certificates = blocks(certificateText)
  const skipped = typesOf(certificates)
  const certificate = certificates.find(([, type]) => type === 'CERTIFICATE')
  if (!certificate) {
    const [only = ''] = skipped
    if (skipped.length === 0) return 'tls: failed to find any PEM data in certificate input'
    if (skipped.length === 1 && isKeyType(only)) {
      return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
    }
    return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`
  }
  const keys = blocks(keyText)
  const others = typesOf(keys)
  const key = keys.find(([, type = '']) => isKeyType(type))
  if (!key) {
    if (others.length === 0) return 'tls: failed to find any PEM data in key input'
    if (others.length === 1 && others[0] === 'CERTIFICATE') {
      return 'tls: found a certificate rather than a key in the PEM for the private key'
    }
    return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${others.join(' ')}]`
  }
  return matchFault(certificate[0], key[0])
}

function matchFault(certificatePem: string, keyPem: string): string | undefined {
  const certificate = read(() => new X509Certificate(certificatePem))
  if (!certificate) return 'x509: malformed certificate'
  const key = read((): KeyObject => createPrivateKey(keyPem))
  if (!key) return 'tls: failed to parse private key'
  if (certificate.publicKey.asymmetricKeyType !== key.asymmetricKeyType) {
    return 'tls: private key type does not match public key type'
  }
  return certificate.checkPrivateKey(key) ? undefined : 'tls: private key does not match public key'
}

/** What OpenSSL can't read is only told by its throwing. */
function read<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}
