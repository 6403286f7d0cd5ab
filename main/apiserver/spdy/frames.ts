/** Types of control frames (SPDY/3.1, 2.6). */
export const control = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

/** Why a stream is refused or given up (SPDY/3.1, 2.6.3). */
export const reset = { protocolError: 1, refused: 3, cancel: 5 } as const

/** The flag of a frame that is the last one of its sender on the stream. */
export const fin = 1

/** Data come in pieces as they arrive, never gathered; `fin` is on the last one. */
export type Frame =
  | { readonly stream: number; readonly data: Buffer; readonly fin: boolean }
  | { readonly type: number; readonly flags: number; readonly payload: Buffer }

/** The peer does not speak SPDY/3.1, or says more than anyone has to. */
export class SpdyError extends Error {
  override readonly name = 'SpdyError'
}

const headSize = 8
/** Control frames are held whole; the headers of Kubernetes' streams take some hundred bytes. */
const controlLimit = 16 * 1024

/** Cuts a connection's bytes into frames. Throws SpdyError. */
export async function* readFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0)
  let data: { stream: number; left: number; last: boolean } | undefined
  for await (const chunk of chunks) {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    while (data ? rest.length > 0 || data.left === 0 : rest.length >= headSize) {
      if (data) {
        const piece = rest.subarray(0, data.left)
        rest = rest.subarray(piece.length)
        data.left -= piece.length
        const done = data.left === 0
        yield { stream: data.stream, data: piece, fin: done && data.last }
        if (done) data = undefined
        continue
      }
      const word = rest.readUInt32BE(0)
      const flags = rest.readUInt8(4)
      const length = rest.readUIntBE(5, 3)
      if (word < 0x8000_0000) {
        data = { stream: word, left: length, last: (flags & fin) !== 0 }
        rest = rest.subarray(headSize)
        continue
      }
      if (word >>> 16 !== 0x8003) throw new SpdyError('a frame of another version')
      if (length > controlLimit) throw new SpdyError(`a control frame of ${length} bytes`)
      if (rest.length < headSize + length) break
      yield { type: word & 0xffff, flags, payload: rest.subarray(headSize, headSize + length) }
      rest = rest.subarray(headSize + length)
    }
  }
}

/** A control frame of numbers, each four bytes, and bytes that follow them. */
export function controlFrame(type: number, numbers: readonly number[], bytes: Buffer = Buffer.alloc(0)): Buffer {
  const frame = Buffer.alloc(headSize + 4 * numbers.length)
  frame.writeUInt16BE(0x8003, 0)
  frame.writeUInt16BE(type, 2)
  frame.writeUInt32BE(4 * numbers.length + bytes.length, 4)
  numbers.forEach((number, at) => frame.writeUInt32BE(number, headSize + 4 * at))
  return bytes.length > 0 ? Buffer.concat([frame, bytes]) : frame
}

/** What stands before `length` bytes of data. */
export function dataHead(stream: number, length: number, flags = 0): Buffer {
  const head = Buffer.alloc(headSize)
  head.writeUInt32BE(stream, 0)
  head.writeUInt8(flags, 4)
  head.writeUIntBE(length, 5, 3)
  return head
}
