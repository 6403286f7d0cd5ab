import type { Readable } from 'node:stream'
import { tooLarge } from '../../../shared/machinery/status.ts'

/** Reads a request's body; throws 413 as soon as it is known to exceed `limit` bytes. */
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
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size))
    })
    stream.on('error', reject)
    stream.on('aborted', () => reject(new Error('the client went away')))
  })
}
