const headerSize = 8

/**
 * Takes the frames' headers (see demultiplex.ts) out of what the engine sends, for readers that want both streams as one. What
 * came in one piece leaves in one, however many frames are in it: the engine makes a frame of each line of a log. A piece
 * is changed in place, so it must be the caller's own.
 */
export function createUnframe(): (piece: Uint8Array) => Uint8Array {
  const header = new Uint8Array(headerSize)
  const length = new DataView(header.buffer)
  let headerBytes = 0
  /** Bytes of the frame that are still to come. */
  let left = 0

  return piece => {
    let from = 0
    let to = 0
    while (from < piece.length) {
      if (left > 0) {
        const count = Math.min(left, piece.length - from)
        piece.copyWithin(to, from, from + count)
        left -= count
        from += count
        to += count
      } else {
        header[headerBytes++] = piece[from++] ?? 0
        if (headerBytes < headerSize) continue
        headerBytes = 0
        left = length.getUint32(4)
      }
    }
    return piece.subarray(0, to)
  }
}
