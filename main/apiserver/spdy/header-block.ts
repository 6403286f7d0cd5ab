import { createInflate } from 'node:zlib'
import { SpdyError } from './frames.ts'
import { headerDictionary } from './header-dictionary.ts'

/** Names are lower-case; several values of one name are joined with NUL. */
export type StreamHeaders = ReadonlyMap<string, string>

/** Unpacked, a block of Kubernetes' headers has some hundred bytes. */
const sizeLimit = 64 * 1024

/** Reads the header blocks of one connection, which are one compressed stream: each of them, in order. */
export interface HeaderReader extends Disposable {
  /** Rejects with a SpdyError. */
  read(block: Buffer): Promise<StreamHeaders>
}

export function createHeaderReader(): HeaderReader {
  const inflate = createInflate({ dictionary: headerDictionary })
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  let output: Buffer[] = []
  let size = 0
  inflate.on('error', error => failure.reject(new SpdyError(`headers: ${error.message}`)))
  inflate.on('data', (data: Buffer) => {
    output.push(data)
    size += data.length
    if (size > sizeLimit) inflate.destroy()
  })
  return {
    async read(block) {
      const written = new Promise<void>(resolve => inflate.write(block, () => resolve()))
      await Promise.race([written, failure.promise])
      if (size > sizeLimit) throw new SpdyError(`headers of more than ${sizeLimit} bytes`)
      const bytes = Buffer.concat(output)
      output = []
      size = 0
      return parse(bytes)
    },
    [Symbol.dispose]: () => void inflate.destroy(),
  }
}

/** A number of pairs, then name and value of each after their lengths. */
function parse(bytes: Buffer): StreamHeaders {
  let at = 0
  const take = (length: number) => {
    const part = bytes.subarray(at, (at += length))
    if (part.length < length) throw new SpdyError('headers that end too early')
    return part
  }
  const text = () => take(take(4).readUInt32BE()).toString('utf8')
  const headers = new Map<string, string>()
  for (let left = take(4).readUInt32BE(); left > 0; left--) headers.set(text(), text())
  return headers
}

/** No headers, as a stored block of deflate and the empty one that ends a flush: it needs no state. */
const none = Buffer.from([0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
/** The start of a zlib stream with the dictionary whose checksum follows. */
const beginning = Buffer.from([0x78, 0x20, 0xe3, 0xc6, 0xa7, 0xc2])

/** Makes the header blocks of replies, all of them empty: the first begins the compressed stream. */
export function createEmptyBlocks(): () => Buffer {
  let begun = false
  return () => {
    if (begun) return none
    begun = true
    return Buffer.concat([beginning, none])
  }
}
