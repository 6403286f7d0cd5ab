import { Duplex } from 'node:stream'
import { control, controlFrame, dataHead, fin, readFrames, reset, SpdyError, type Frame } from './frames.ts'
import { createEmptyBlocks, createHeaderReader, type StreamHeaders } from './header-block.ts'

/** Of one connection; kubectl port-forward has two for each connection to it. */
const streamLimit = 1000
/** What a stream holds for a reader that is behind, before the whole connection waits. */
const readAhead = 64 * 1024

interface Options {
  /** A stream that the client opens. False refuses it. */
  accept: (stream: Duplex, headers: StreamHeaders) => boolean
  /** The connection is over; all streams are destroyed by then. */
  closed: () => void
}

/**
 * Serves SPDY/3.1 on a connection: streams that only the client opens, each a Duplex that can be ended on either side by
 * itself and that resets when it is destroyed. A reader or a client that is slow slows the connection, as with
 * moby/spdystream, which neither grants nor minds windows: nothing here counts them either.
 */
export function serveSpdy(connection: Duplex, { accept, closed }: Options): void {
  const headers = createHeaderReader()
  const emptyBlock = createEmptyBlocks()
  const streams = new Map<number, SpdyStream>()
  let newest = 0
  const leaveAll = () => {
    for (const stream of [...streams.values()]) stream.leave()
  }
  connection.on('error', () => connection.destroy())
  // Also while a stream holds up the reading.
  connection.once('close', leaveAll)

  function open(id: number, given: StreamHeaders, flags: number) {
    // The client's streams have odd numbers that grow.
    if (id % 2 === 0 || id <= newest) throw new SpdyError(`stream ${id} after ${newest}`)
    newest = id
    const stream = createStream(connection, id, () => streams.delete(id))
    if (streams.size >= streamLimit || !accept(stream, given)) {
      stream.refuse()
      return
    }
    streams.set(id, stream)
    connection.write(controlFrame(control.synReply, [id], emptyBlock()))
    if ((flags & fin) !== 0) stream.finish()
  }

  async function take(frame: Frame) {
    if ('data' in frame) {
      const stream = streams.get(frame.stream)
      if (frame.data.length > 0) await stream?.receive(frame.data)
      if (frame.fin) stream?.finish()
      return
    }
    const { type, flags, payload } = frame
    const number = (at: number) => {
      if (payload.length < at + 4) throw new SpdyError('a control frame that ends too early')
      return payload.readUInt32BE(at)
    }
    switch (type) {
      case control.synStream:
        open(number(0) & 0x7fff_ffff, await headers.read(payload.subarray(10)), flags)
        break
      case control.headers:
        // Of no use, but the headers that follow are packed with it.
        await headers.read(payload.subarray(4))
        break
      case control.rstStream:
        streams.get(number(0))?.leave()
        break
      case control.ping:
        if (number(0) % 2 === 1) connection.write(controlFrame(control.ping, [number(0)]))
        break
      case control.goAway:
      case control.settings:
      case control.windowUpdate:
        break
      default:
        throw new SpdyError(`a control frame of type ${type}`)
    }
  }

  async function serve() {
    try {
      const bytes = connection.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
      for await (const frame of readFrames(bytes)) await take(frame)
      connection.end()
    } catch {
      // A client that is gone, or that does not keep to the protocol: upstream has no words for it either.
      connection.destroy()
    } finally {
      leaveAll()
      headers[Symbol.dispose]()
      closed()
    }
  }
  void serve()
}

interface SpdyStream extends Duplex {
  /** Takes data of the client; resolves when there is room for more. */
  receive(data: Buffer): Promise<void>
  /** The client has nothing more to say on it. */
  finish(): void
  /** Ends it without a word: the client has reset it or is gone. */
  leave(): void
  refuse(): void
}

function createStream(connection: Duplex, id: number, gone: () => void): SpdyStream {
  let roomy = () => {}
  let finished = false
  let code: number | undefined = reset.cancel
  const send = (parts: readonly Buffer[], done: (error?: Error | null) => void) => {
    if (!connection.writable) {
      done(new Error('the connection is closed'))
      return
    }
    connection.cork()
    parts.forEach((part, at) => connection.write(part, at === parts.length - 1 ? done : undefined))
    connection.uncork()
  }
  const stream = new Duplex({
    readableHighWaterMark: readAhead,
    read: () => roomy(),
    write: (data: Buffer, _encoding, done) => send([dataHead(id, data.length), data], done),
    final: done => send([dataHead(id, 0, fin)], done),
    destroy(error, done) {
      const over = stream.readableEnded && stream.writableFinished
      if (code !== undefined && !over && connection.writable)
        connection.write(controlFrame(control.rstStream, [id, code]))
      roomy()
      gone()
      done(error)
    },
  })
  // Whoever uses it learns of its end; nobody has to.
  stream.on('error', () => undefined)
  return Object.assign(stream, {
    async receive(data: Buffer) {
      if (stream.destroyed || finished || stream.push(data)) return
      await new Promise<void>(resolve => (roomy = resolve))
    },
    finish() {
      if (!finished) stream.push(null)
      finished = true
    },
    leave() {
      code = undefined
      stream.destroy()
    },
    refuse() {
      code = reset.refused
      stream.destroy()
    },
  })
}
