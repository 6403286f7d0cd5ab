import type { TLSSocket } from 'node:tls'
import type { UserInfo } from '../request.ts'

/** What a TLS connection tells of the client: its certificate's user, or that its certificate is none of ours. */
export interface Peer {
  user?: UserInfo
  untrusted?: boolean
  /** The client's IP address. */
  address?: string | undefined
}

/** The user of a client certificate: CN is the name, O the groups (apiserver/pkg/authentication/request/x509). */
export function peerOf(socket: TLSSocket): Peer {
  const address = socket.remoteAddress
  const certificate = socket.getPeerCertificate()
  // Node answers {} when the client showed none.
  if (Object.keys(certificate).length === 0) return { address }
  if (!socket.authorized) return { address, untrusted: true }
  const { CN: name, O: organizations } = certificate.subject as { CN?: string | string[]; O?: string | string[] }
  const groups = organizations === undefined ? [] : [organizations].flat()
  const credential = `X509SHA256=${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`
  const user = {
    name: [name ?? ''].flat()[0] ?? '',
    groups: [...groups, 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [credential] },
  }
  return { address, user }
}
