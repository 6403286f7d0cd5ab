import { isMessage, type Message, type Transport } from './rpc.ts'

/** The DOM's MessagePort, also Node's. */
interface DomPort {
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): void
  removeEventListener(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): void
  start(): void
  close(): void
}

/** Electron's MessagePortMain: the same by Node's events. */
interface MainPort {
  postMessage(message: unknown): void
  on(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): unknown
  off(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): unknown
  start(): void
  close(): void
}

/**
 * A transport over one end of a message channel. Listen before anything can arrive: the port starts with the first
 * listener. Chromium, Electron and Node all report that the other end went with a `close` event.
 */
export function messagePortTransport(port: DomPort | MainPort): Transport {
  function listen(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): Disposable {
    const stack = new DisposableStack()
    if ('addEventListener' in port) {
      port.addEventListener(type, listener)
      stack.defer(() => port.removeEventListener(type, listener))
    } else {
      port.on(type, listener)
      stack.defer(() => void port.off(type, listener))
    }
    return stack
  }

  return {
    send: message => port.postMessage(withOwnBytes(message)),
    onMessage(listener) {
      const listening = listen('message', ({ data }) => {
        if (isMessage(data)) listener(data)
      })
      port.start()
      return listening
    },
    onClose: listener => listen('close', () => listener()),
    close: () => port.close(),
  }
}

/**
 * Structured clone copies the whole buffer behind a view, and Node's small Buffers are views on a shared pool: without
 * a copy of its own a chunk of a log would take its neighbours' bytes along.
 */
function withOwnBytes(message: Message): Message {
  if (message.type === 'data') return { ...message, data: ownBytes(message.data) }
  if (message.type === 'end') return { ...message, result: ownBytes(message.result) }
  if (message.type === 'call') return { ...message, args: message.args.map(ownBytes) }
  return message
}

function ownBytes(value: unknown): unknown {
  const isView = value instanceof Uint8Array && value.byteLength !== value.buffer.byteLength
  return isView ? new Uint8Array(value) : value
}
