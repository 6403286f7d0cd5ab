import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ServerRequest, ServerResponse } from '../request.ts'
import { compressed, encode } from './encode.ts'
import { giveUpOn } from './give-up.ts'
import { streamSink } from './watch-sink.ts'

/** What both HTTP versions let an answer do. */
export interface Carrier {
  readonly stream: Writable
  /** Sends the head; what follows may be long in coming, so it does not wait for it. */
  head(status: number, headers: Record<string, string | string[]>): void
  /** Milliseconds that a client may take to read a large answer; default: upstream's. */
  readonly patience?: number
}

/** What is smaller is not worth a timer. */
const large = 64 * 1024

/** Writes an answer that is not an upgrade. */
export async function respond(request: ServerRequest, response: ServerResponse, carrier: Carrier): Promise<void> {
  const { stream } = carrier
  if (stream.destroyed) return
  const { status, headers } = response
  if ('body' in response) {
    const { chunks, gzip } = encode(request, headers, response.body)
    carrier.head(status, headers)
    if (request.method === 'HEAD') stream.end()
    else await write(carrier, gzip ? compressed(chunks) : chunks)
  } else if ('watch' in response) {
    carrier.head(status, headers)
    const watch = response.watch(streamSink(stream))
    stream.once('close', () => watch[Symbol.dispose]())
  } else if ('stream' in response) {
    const { cookies } = response
    carrier.head(status, cookies ? { ...headers, 'set-cookie': cookies } : headers)
    await pipeline(Readable.from(response.stream), stream)
  } else {
    carrier.head(500, {})
    stream.end()
  }
}

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

async function write({ stream, patience }: Carrier, chunks: Chunks): Promise<void> {
  if (Array.isArray(chunks) && chunks.length <= 1) {
    const [only] = chunks as readonly Uint8Array[]
    stream.end(only)
    if (only && only.byteLength > large) giveUpOn(stream, patience)
    return
  }
  let waits = false
  for await (const chunk of chunks) {
    if (stream.write(chunk)) continue
    if (!waits) giveUpOn(stream, patience)
    waits = true
    if (!(await drained(stream))) return
  }
  stream.end()
  if (!waits) giveUpOn(stream, patience)
}

/** False if the client went away instead. */
function drained(stream: Writable): Promise<boolean> {
  return new Promise(resolve => {
    const settle = (ready: boolean) => {
      stream.off('drain', onDrain)
      stream.off('close', onClose)
      resolve(ready)
    }
    const onDrain = () => settle(true)
    const onClose = () => settle(false)
    stream.on('drain', onDrain)
    stream.on('close', onClose)
  })
}
