import type { Readable } from 'node:stream'
import { badRequest, tooLarge } from '../../../shared/machinery/status.ts'

/** Reads a request's body; throws 413 as soon as it is known to exceed `limit` bytes, 400 when the client goes away. */
export function readBody(stream: Readable, length: string | undefined, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const refuse = () => {
      stream.removeAllListeners('data')
      // What is still under way is thrown away: a closed stream would hide the answer from the client.
      stream.resume()
      reject(tooLarge(`Request entity too large: limit is ${limit}`))
    }
    if (length !== undefined && Number(length) > limit) {
      refuse()
      return
    }
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) refuse()
      else chunks.push(chunk)
    })
    stream.on('end', () => {
      // Every stream closes in the end: making an error of that, stack and all, would be in vain.
      stream.off('close', gone)
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size))
    })
    const gone = () => reject(badRequest('the client went away'))
    stream.on('error', gone)
    stream.on('close', gone)
    if (stream.destroyed) gone()
  })
}
