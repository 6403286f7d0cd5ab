import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Host } from '../../shared/contract/host.ts'
import { serve } from '../../shared/contract/serve.ts'
import { rpcProtocol, tokenIn, webSocketTransport } from '../../shared/contract/web-socket.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { servePage } from './serve-page.ts'
import { newToken, type WindowAddress } from './window-address.ts'

export interface WindowServerOptions {
  host: Host
  /** Where the built window lies (`dist/renderer`). */
  root: string
  /** Where it was last. If someone else has that port now, any free one is used, and a fresh token. */
  address: WindowAddress
  log: Logger
}

export interface WindowServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/#token=…`: the fragment never leaves the browser. */
  readonly url: string
  /** Where it is now. */
  readonly address: WindowAddress
}

/** A Kubernetes request is at most 3 MiB; as JSON in a message it may grow. */
const maxPayload = 8 << 20

/**
 * The window for a browser: the page and, at `/rpc`, the Host over a WebSocket. On loopback only. A page of another
 * site can reach loopback too, hence the checks: the Host header must be this server's (DNS rebinding), the Origin
 * exactly this server's, and the token right, before the connection is upgraded.
 *
 * A page that waits for the engine offers its token to whoever listens at its address. So a token whose port was found
 * taken is not used again.
 */
export async function createWindowServer(options: WindowServerOptions): Promise<WindowServer> {
  const { host, root, log } = options
  let { token } = options.address
  const page = servePage(root)
  const server = createServer((request, response) => {
    if (!isOurs(request)) response.writeHead(421, { 'Content-Type': 'text/plain' }).end('This is a local server.\n')
    else page(request, response)
  })
  const sockets = new WebSocketServer({ noServer: true, maxPayload, handleProtocols: () => rpcProtocol })

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal = refuse(request)
    if (refusal) {
      log.info('window connection refused', { reason: refusal })
      socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${refusal}\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, webSocket => {
      webSocket.on('error', error => log.debug('window connection failed', { error }))
      serve(webSocketTransport(webSocket), host, log)
    })
  })

  function port(): number {
    return (server.address() as AddressInfo).port
  }
  function isOurs(request: IncomingMessage): boolean {
    return [`127.0.0.1:${port()}`, `localhost:${port()}`].includes(request.headers.host ?? '')
  }
  function refuse(request: IncomingMessage): string | undefined {
    if (request.url !== '/rpc') return 'there is nothing here'
    if (!isOurs(request)) return 'wrong host'
    if (request.headers.origin !== `http://${request.headers.host ?? ''}`) return 'wrong origin'
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(p => p.trim())
    if (!offered.includes(rpcProtocol)) return 'wrong protocol'
    if (!isSame(tokenIn(offered) ?? '', token)) return 'wrong token'
    return undefined
  }

  try {
    await listen(server, options.address.port)
  } catch (error) {
    if (options.address.port === 0) throw error
    token = newToken()
    await listen(server, 0)
    log.info('the window moved: its port cannot be had', { port: options.address.port, now: port(), error })
  }
  return {
    url: `http://127.0.0.1:${port()}/#token=${token}`,
    address: { port: port(), token },
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate()
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

/** Compares in constant time, so that the time tells nothing of where the first difference is. */
function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
