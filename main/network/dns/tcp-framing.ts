/** A DNS message as TCP carries it: two bytes of length before it (RFC 1035, 4.2.2). */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** The messages that arrive over a TCP connection. */
export async function* readMessages(chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let seen = Buffer.alloc(0)
  for await (const chunk of chunks) {
    seen = Buffer.concat([seen, chunk])
    while (seen.length >= 2 && seen.length >= 2 + seen.readUInt16BE(0)) {
      const end = 2 + seen.readUInt16BE(0)
      yield Buffer.from(seen.subarray(2, end))
      seen = seen.subarray(end)
    }
  }
}
