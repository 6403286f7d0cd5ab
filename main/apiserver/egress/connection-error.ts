import { hostPort, type Address } from './dial.ts'

const dialling: Partial<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

const unknownAuthority = 'certificate signed by unknown authority'
const certificates: Partial<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
}

/** What went wrong with a connection, in the words of Go's net, tls and http packages, which users know and search for. */
export function connectionError(error: unknown, to: Address): string {
  if (!(error instanceof Error)) return String(error)
  const { code, syscall, message } = error as NodeJS.ErrnoException
  const name = code ?? ''
  const dialled = dialling[name]
  if (dialled !== undefined) return `dial tcp ${hostPort(to)}: ${dialled}`
  const refused = certificates[name]
  if (refused !== undefined) return `tls: failed to verify certificate: x509: ${refused}`
  switch (name) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `tls: failed to verify certificate: x509: ${message}`
    case 'ENOTFOUND':
      return `dial tcp: lookup ${to.host}: no such host`
    case 'EPROTO':
      return 'tls: first record does not look like a TLS handshake'
    case 'ECONNRESET':
      // Without a system call it is Node's word for an end before the answer.
      return syscall === undefined ? 'EOF' : `${syscall} tcp ${hostPort(to)}: connection reset by peer`
    case 'EPIPE':
      return `write tcp ${hostPort(to)}: broken pipe`
  }
  return name.startsWith('HPE_') ? `net/http: HTTP/1.x transport connection broken: ${message}` : message
}
