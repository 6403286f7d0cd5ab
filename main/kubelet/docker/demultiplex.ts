const headerSize = 8
const stderrType = 2

export interface StreamData {
  stream: 'stdout' | 'stderr'
  data: Uint8Array
}

/**
 * Splits what the engine sends for a container without a terminal: frames of a type byte, three zero bytes, a
 * big-endian length and that many bytes. Frames are passed on as they arrive and never gathered, so a reader that is
 * slow slows the sender.
 */
export async function* demultiplex(chunks: AsyncIterable<Uint8Array>): AsyncIterable<StreamData> {
  let header = Buffer.alloc(0)
  let stream: StreamData['stream'] = 'stdout'
  let left = 0
  for await (const chunk of chunks) {
    let rest = chunk
    while (rest.length > 0) {
      if (left > 0) {
        const data = rest.subarray(0, left)
        left -= data.length
        rest = rest.subarray(data.length)
        yield { stream, data }
        continue
      }
      const missing = headerSize - header.length
      header = Buffer.concat([header, rest.subarray(0, missing)])
      rest = rest.subarray(missing)
      if (header.length < headerSize) break
      stream = header[0] === stderrType ? 'stderr' : 'stdout'
      left = header.readUInt32BE(4)
      header = Buffer.alloc(0)
    }
  }
}
