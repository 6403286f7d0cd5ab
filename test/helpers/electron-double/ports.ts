import { EventEmitter } from 'node:events'

/** Stands in for electron.MessagePortMain: queues until started, clones what is sent, tells the peer that it closed. */
export class Port extends EventEmitter {
  peer: Port | undefined
  #queue: unknown[] | undefined = []

  postMessage(data: unknown): void {
    this.peer?.deliver(structuredClone(data))
  }

  start(): void {
    const queued = this.#queue ?? []
    this.#queue = undefined
    for (const data of queued) this.deliver(data)
  }

  close(): void {
    const { peer } = this
    this.peer = undefined
    if (peer) peer.peer = undefined
    for (const port of [this, peer]) if (port) setImmediate(() => port.emit('close'))
  }

  deliver(data: unknown): void {
    if (this.#queue) this.#queue.push(data)
    else setImmediate(() => this.emit('message', { data, ports: [] }))
  }
}

export function createChannel(): { port1: Port; port2: Port } {
  const [port1, port2] = [new Port(), new Port()]
  port1.peer = port2
  port2.peer = port1
  return { port1, port2 }
}

/** What crosses to another process, or to the page, for one port that was transferred there. */
export interface RelayMessage {
  relay: 'message' | 'close'
  port: number
  data?: unknown
}

/** Ports whose other end is elsewhere. */
export interface Relay {
  /** Sends everything that comes out of `port` to the other side, under the id that is returned. */
  adopt(port: Port): number
  /** The near end of a port that the other side adopted as `id`. */
  accept(id: number): Port
  receive(message: RelayMessage): void
  closeAll(): void
}

export function createRelay(send: (message: RelayMessage) => void): Relay {
  const ports = new Map<number, Port>()
  let last = 0

  function attach(id: number, port: Port): void {
    ports.set(id, port)
    port.on('message', ({ data }: { data: unknown }) => send({ relay: 'message', port: id, data }))
    port.on('close', () => {
      if (ports.delete(id)) send({ relay: 'close', port: id })
    })
    port.start()
  }

  return {
    adopt(port) {
      attach(++last, port)
      return last
    },
    accept(id) {
      const { port1, port2 } = createChannel()
      attach(id, port1)
      return port2
    },
    receive({ relay, port: id, data }) {
      const port = ports.get(id)
      if (relay === 'message') port?.postMessage(data)
      else if (ports.delete(id)) port?.close()
    },
    closeAll() {
      for (const port of ports.values()) port.close()
      ports.clear()
    },
  }
}
