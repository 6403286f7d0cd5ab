import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { createHttp1 } from './http1.ts'
import { serveHttp2 } from './http2.ts'
import { peerOf, type Peer } from './peer.ts'
import type { Serve } from './target.ts'

interface TlsFiles {
  /** PEM. */
  certificate: string
  key: string
  /** Who signs client certificates. */
  ca: string
}

export interface Listener {
  readonly port: number
  /** Refuses new connections and ends the open ones. */
  close(): Promise<void>
}

interface Options {
  host: string
  port: number
  tls: TlsFiles
  serve: Serve
  /** Milliseconds; default: upstream's. Node would wait two minutes for a client that says nothing. */
  handshakeTimeout?: number
}

/** Listens with TLS; each connection speaks HTTP/2 or HTTP/1.1 as ALPN agrees. Rejects with the system's error (EADDRINUSE...). */
export async function listen({ host, port, tls, serve, handshakeTimeout = 32_000 }: Options): Promise<Listener> {
  const peers = new WeakMap<object, Peer>()
  const http1 = createHttp1({ serve, peer: socket => peers.get(socket) ?? {} })
  const open = new Set<TLSSocket>()
  const server = createServer(
    {
      cert: tls.certificate,
      key: tls.key,
      ca: tls.ca,
      requestCert: true,
      // Requests without a good certificate are answered 401 or 403, not cut off.
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
      handshakeTimeout,
    },
    socket => {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
      socket.on('error', () => socket.destroy())
      socket.setNoDelay(true)
      socket.setKeepAlive(true, 30_000)
      const peer = peerOf(socket)
      if (socket.alpnProtocol === 'h2') {
        serveHttp2(socket, { peer, serve })
      } else {
        peers.set(socket, peer)
        http1.emit('connection', socket)
      }
    },
  )
  // Node tells of a handshake that takes too long, and leaves the connection open.
  server.on('tlsClientError', (_, socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        http1.close()
        for (const socket of open) socket.destroy()
      }),
  }
}
