import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ServerRequest, ServerResponse } from '../request.ts'
import { encode } from './encode.ts'
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
    const encoded = encode(request, headers, response.body)
    const chunks = encoded instanceof Promise ? await encoded : encoded
    carrier.head(status, headers)
    if (request.method === 'HEAD') stream.end()
    else await write(carrier, chunks)
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

async function write({ stream, patience }: Carrier, chunks: readonly Uint8Array[]): Promise<void> {
  const last = chunks.length - 1
  let waits = false
  for (let at = 0; at < last; at++) {
    if (stream.write(chunks[at])) continue
    if (!waits) giveUpOn(stream, patience)
    waits = true
    if (!(await drained(stream))) return
  }
  stream.end(chunks[last])
  if (!waits && (chunks[last]?.byteLength ?? 0) > large) giveUpOn(stream, patience)
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
