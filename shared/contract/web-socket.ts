import { serviceUnavailable } from '../machinery/status.ts'
import { isMessage, type Message, type Transport } from './rpc.ts'
import { parseJson } from '../machinery/exact-json.ts'

/** The browser's WebSocket and the one of `ws`. */
interface Socket {
  binaryType: string
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: () => void): void
  removeEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  removeEventListener(type: 'close', listener: () => void): void
}

/** The subprotocol both sides speak; the server selects it, never the one that carries the token. */
export const rpcProtocol = 'podbay.rpc.v1'
const tokenPrefix = 'podbay.token.'

/** The token among the subprotocols a client offers (`Sec-WebSocket-Protocol`): a header stays out of access logs, a URL does not. */
export function tokenIn(protocols: Iterable<string>): string | undefined {
  for (const protocol of protocols) if (protocol.startsWith(tokenPrefix)) return protocol.slice(tokenPrefix.length)
  return undefined
}

/** Opens the window server's socket, e.g. `ws://127.0.0.1:4711/rpc`. Rejects with ServiceUnavailable if it doesn't open. */
export async function openWebSocket(url: string, token: string): Promise<Transport> {
  const socket = new WebSocket(url, [rpcProtocol, `${tokenPrefix}${token}`])
  const transport = webSocketTransport(socket)
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true })
    socket.addEventListener('close', () => reject(serviceUnavailable('the engine refused the connection or is gone')), {
      once: true,
    })
  })
  return transport
}

/**
 * A transport over an open WebSocket. A message is a text frame of JSON; one that carries bytes is a binary frame: the
 * length of its JSON (four bytes, big-endian), the JSON, the bytes.
 */
export function webSocketTransport(socket: Socket): Transport {
  socket.binaryType = 'arraybuffer'
  return {
    send: message => socket.send(encode(message)),
    onMessage(listener) {
      const receive = (event: { data: unknown }) => {
        const message = decode(event.data)
        if (message) listener(message)
      }
      socket.addEventListener('message', receive)
      return disposable(() => socket.removeEventListener('message', receive))
    },
    onClose(listener) {
      const closed = () => listener()
      socket.addEventListener('close', closed)
      return disposable(() => socket.removeEventListener('close', closed))
    },
    close: () => socket.close(),
  }
}

/** Where a message has its bytes: in its data, its result, or the argument of this index. At most one place. */
type Place = 'data' | 'result' | number

/** JSON of a binary frame: the message with a hole where its bytes go. */
interface Holed {
  message: unknown
  at: Place
}

function encode(message: Message): string | Uint8Array<ArrayBuffer> {
  const found = findBytes(message)
  if (!found) return JSON.stringify(message)
  return frame({ message: withBytes(message, found.at, null), at: found.at }, found.bytes)
}

function findBytes(message: Message): { at: Place; bytes: Uint8Array } | undefined {
  const places: [Place, unknown][] =
    message.type === 'data'
      ? [['data', message.data]]
      : message.type === 'end'
        ? [['result', message.result]]
        : message.type === 'call'
          ? [...message.args.entries()]
          : []
  for (const [at, bytes] of places) if (bytes instanceof Uint8Array) return { at, bytes }
  return undefined
}

function withBytes(message: Message, at: Place, bytes: unknown): Message | undefined {
  if (message.type === 'data' && at === 'data') return { ...message, data: bytes }
  if (message.type === 'end' && at === 'result') return { ...message, result: bytes }
  if (message.type === 'call' && typeof at === 'number') return { ...message, args: message.args.with(at, bytes) }
  return undefined
}

function frame(holed: Holed, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(JSON.stringify(holed))
  const whole = new Uint8Array(4 + head.byteLength + bytes.byteLength)
  new DataView(whole.buffer).setUint32(0, head.byteLength)
  whole.set(head, 4)
  whole.set(bytes, 4 + head.byteLength)
  return whole
}

/** Undefined for anything that is no message of this protocol. */
function decode(data: unknown): Message | undefined {
  try {
    const message = typeof data === 'string' ? parseJson(data) : unframe(data)
    return isMessage(message) ? message : undefined
  } catch {
    return undefined
  }
}

function unframe(data: unknown): unknown {
  if (!(data instanceof ArrayBuffer) || data.byteLength < 4) return undefined
  const end = 4 + new DataView(data).getUint32(0)
  const { message, at } = parseJson(new TextDecoder().decode(new Uint8Array(data, 4, end - 4))) as Holed
  const bytes = new Uint8Array(data, end)
  return isMessage(message) ? withBytes(message, at, bytes) : undefined
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose }
}
