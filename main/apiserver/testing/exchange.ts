import { connect } from 'node:tls'
import { adminTls } from './ask.ts'
import type { TestServer } from './start-server.ts'

interface Talk {
  /** Says that nothing more will come. */
  ends?: boolean
}

/** All that the server answers to `bytes` on a TLS connection of their own, until it closes it. As an administrator, over HTTP/1.1. */
export function exchange(
  s: TestServer & { port: number },
  bytes: string | Uint8Array,
  { ends = false }: Talk = {},
): Promise<string> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port: s.port, ALPNProtocols: ['http/1.1'], ...adminTls(s) }, () => {
      if (ends) socket.end(bytes)
      else socket.write(bytes)
    })
    let text = ''
    socket.setEncoding('latin1').on('data', (data: string) => (text += data))
    // A server that refuses what is still under way resets the connection.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
}
