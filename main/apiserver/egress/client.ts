import * as http from 'node:http'
import * as https from 'node:https'
import type { Duplex, Readable } from 'node:stream'
import * as tls from 'node:tls'
import { connectionError } from './connection-error.ts'
import type { Address, Dial } from './dial.ts'

/** How the other side is trusted and what it is shown; all PEM. Without `ca` the system's authorities count. */
export interface Trust {
  /** The name that is asked for and that the certificate must have; '' asks for none. */
  servername: string
  ca?: string
  cert?: string
  key?: string
  /** False: any certificate is good. */
  rejectUnauthorized: boolean
}

interface Outgoing {
  to: Address
  /** Absent: plain HTTP. */
  trust?: Trust | undefined
  method: string
  /** With the query. */
  path: string
  headers: http.OutgoingHttpHeaders
  body?: Readable | Uint8Array | undefined
  signal: AbortSignal
}

/** The head of an answer; its body is still to be read. */
export interface Incoming {
  response: http.IncomingMessage
  /** Set if the other side has switched protocols: the connection, with what came on it already. */
  connection?: Duplex
}

/** HTTP/1.1 from the API server to pods and what is beyond. */
export interface EgressClient extends Disposable {
  /** Rejects with an Error whose message is in Go's words: `dial tcp 10.244.0.7:80: connect: connection refused`. */
  send(outgoing: Outgoing): Promise<Incoming>
}

/** As Go's default transport: this long for a connection, this long until an idle one is closed. */
const dialTimeout = 30_000
const idleTimeout = 90_000
const maxHeaderSize = 2 ** 20

/** Connections with TLS, which are costly to make, are kept for the next request to the same place with the same trust. */
export function createEgressClient(dial: Dial): EgressClient {
  const open = ({ host, port }: http.ClientRequestArgs) =>
    dial(String(host), Number(port), AbortSignal.timeout(dialTimeout))
  const plain = new http.Agent()
  plain.createConnection = (options, done) => {
    settle(open(options), done)
    return undefined
  }
  const secure = new https.Agent({ keepAlive: true, maxFreeSockets: 16, timeout: idleTimeout })
  secure.createConnection = (options, done) => {
    const connected = open(options).then(socket =>
      tls.connect({ ...(options as tls.ConnectionOptions), ALPNProtocols: ['http/1.1'], socket }),
    )
    settle(connected, done)
    return undefined
  }
  return {
    send: outgoing => {
      const { trust } = outgoing
      return exchange(outgoing, options =>
        trust ? https.request({ ...options, ...trust, agent: secure }) : http.request({ ...options, agent: plain }),
      )
    },
    [Symbol.dispose]() {
      plain.destroy()
      secure.destroy()
    },
  }
}

type Done = ((error: Error | null, socket: Duplex) => void) | undefined

/** Agents take an error and no socket, which their types leave out. */
function settle(opening: Promise<Duplex>, done: Done): void {
  const failed = done as ((error: Error) => void) | undefined
  opening.then(
    socket => done?.(null, socket),
    (error: unknown) => failed?.(error instanceof Error ? error : new Error(String(error))),
  )
}

function exchange(
  outgoing: Outgoing,
  request: (options: http.RequestOptions) => http.ClientRequest,
): Promise<Incoming> {
  const { to, method, path, headers, body, signal } = outgoing
  return new Promise((resolve, reject) => {
    const sent = request({ host: to.host, port: to.port, method, path, headers, signal, maxHeaderSize, setHost: false })
    const failed = (error: NodeJS.ErrnoException) => {
      // A kept connection may end at the moment in which it is used again.
      if (sent.reusedSocket && error.code === 'ECONNRESET' && isWhole(body)) resolve(exchange(outgoing, request))
      else reject(signal.aborted ? error : new Error(connectionError(error, to), { cause: error }))
    }
    sent.once('error', failed)
    sent.once('response', response => {
      // From here on whoever reads the body is told.
      sent.off('error', failed).on('error', () => response.destroy())
      resolve({ response })
    })
    sent.once('upgrade', (response, connection, head) => {
      if (head.length > 0) connection.unshift(head)
      resolve({ response, connection })
    })
    if (isWhole(body)) sent.end(body)
    else {
      body.once('error', error => sent.destroy(error))
      body.pipe(sent)
    }
  })
}

const isWhole = (body: Outgoing['body']): body is Uint8Array | undefined =>
  body === undefined || body instanceof Uint8Array
