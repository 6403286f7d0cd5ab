/** What a terminal has written, by absolute position, of which the newest part is kept. */
export interface Scrollback {
  push(chunk: Uint8Array): void
  /** Position after the last byte. */
  readonly end: number
  /**
   * What is kept from `position` on, or from the first whole line kept if that is later, with the position after it.
   * Empty at the end.
   */
  read(position: number): { data: Uint8Array; end: number }
}

const newline = 10

/** Keeps at most `maxBytes` and `maxLines`; whole lines go first, so that a replay never begins inside one. */
export function createScrollback({ maxBytes, maxLines }: { maxBytes: number; maxLines: number }): Scrollback {
  const chunks: { data: Uint8Array; lines: number }[] = []
  let start = 0
  let end = 0
  let lines = 0

  function trim(): void {
    while (end - start > maxBytes || lines > maxLines) {
      const first = chunks[0]
      if (!first) return
      const excess = Math.max(end - start - maxBytes, 0)
      const cut = cutAt(first.data, { excess, excessLines: lines - maxLines })
      const dropped = countLines(first.data.subarray(0, cut))
      if (cut === first.data.byteLength) chunks.shift()
      else chunks[0] = { data: first.data.subarray(cut), lines: first.lines - dropped }
      start += cut
      lines -= dropped
    }
  }

  return {
    push(chunk) {
      // A copy: the sender may reuse its buffer, and a view would keep all of it alive.
      const data = new Uint8Array(chunk)
      const count = countLines(data)
      chunks.push({ data, lines: count })
      end += data.byteLength
      lines += count
      trim()
    },
    get end() {
      return end
    },
    read(position) {
      const parts: Uint8Array[] = []
      let at = start
      for (const { data } of chunks) {
        if (at + data.byteLength > position) parts.push(data.subarray(Math.max(position - at, 0)))
        at += data.byteLength
      }
      return { data: concat(parts), end }
    },
  }
}

/** Where to cut a chunk: after the first line end that removes the excess, else all of it. */
function cutAt(data: Uint8Array, { excess, excessLines }: { excess: number; excessLines: number }): number {
  let cut = 0
  let removed = 0
  while (cut < excess || removed < excessLines) {
    const lineEnd = data.indexOf(newline, cut)
    if (lineEnd < 0) return data.byteLength
    cut = lineEnd + 1
    removed++
  }
  return cut
}

function countLines(data: Uint8Array): number {
  let count = 0
  for (let at = data.indexOf(newline); at >= 0; at = data.indexOf(newline, at + 1)) count++
  return count
}

function concat(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0]
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}
