interface Wanted {
  /** Whether each line begins with its time. */
  timestamps: boolean
  /** Milliseconds since the epoch: what was written before is left out. */
  since?: number
}

const lineBreak = 0x0a
const quote = 0x22
const colon = 0x3a
const backslash = 0x5c
const letterU = 0x75
/** What a character stands for after a backslash: for itself, but for these letters. */
const escaped = Uint8Array.from({ length: 256 }, (_, character) => character)
for (const [letter, control] of Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }))
  escaped[letter.charCodeAt(0)] = control.charCodeAt(0)
/** What comes before the text of an entry, and the least that comes after it: no text is looked for there. */
const opening = '{"log":"'.length
const closing = '","stream":"stdout","time":"2000-01-01T00:00:00Z"}'.length
const seconds = '2000-01-01T00:00:00'.length
/** Times are shown in nine digits, as upstream does; the file leaves out zeros at their end. */
const nanoseconds = '.000000000'

/**
 * Reads what the engine's log driver `json-file` writes, cut anywhere: `{"log":"text\n","stream":"stdout","time":"..."}`
 * for each line of output, or for each 16 KiB of one that is longer, which is shown with the first of their times. All
 * of a log goes through here, so nothing is made for a line: its bytes are copied from one buffer to another. Where the
 * engine crashed in the middle of a line, what can be read of it is shown.
 */
export function createLogDecoder({ timestamps, since }: Wanted): (piece: Uint8Array) => Uint8Array {
  const earliest = since === undefined ? undefined : comparableTime(since)
  const timed = timestamps || earliest !== undefined
  /** Used again for each piece: it begins with what has come of a line whose end has not. */
  let input = Buffer.alloc(0)
  let waiting = 0
  let lineGoesOn = false
  let [from, to] = [0, 0]

  function decodeLine(lines: Buffer, text: Buffer): void {
    if (lines[from + opening - 2] === colon && lines[from + opening - 1] === quote) decodeEntry(lines, text)
    while (from < lines.length && lines[from++] !== lineBreak);
  }

  function decodeEntry(lines: Buffer, text: Buffer): void {
    const begin = to
    const time = timed ? timeAtEnd(lines, lines.indexOf(lineBreak, from)) : undefined
    if (timestamps && time && !lineGoesOn) to = putTime(time, text, to)
    const textBegin = to
    from += opening
    copyText(lines, text)
    lineGoesOn = to > textBegin && text[to - 1] !== lineBreak
    if (earliest && time && isBefore(time, earliest)) to = begin
    if (lines[from] === quote) from += closing
  }

  /** Up to the quote that ends it, or to the end of a line that has none. */
  function copyText(lines: Buffer, text: Buffer): void {
    let [at, put] = [from, to]
    for (;;) {
      const byte = lines[at] ?? lineBreak
      if (byte === quote || byte === lineBreak) break
      at++
      if (byte !== backslash) {
        text[put++] = byte
        continue
      }
      const letter = lines[at++] ?? backslash
      if (letter === letterU) {
        const code = (hex(lines[at]) << 12) | (hex(lines[at + 1]) << 8) | (hex(lines[at + 2]) << 4) | hex(lines[at + 3])
        if (code < 0x80) text[put++] = code
        else put += text.write(String.fromCharCode(code), put)
        at += 4
      } else text[put++] = escaped[letter] ?? letter
    }
    from = at
    to = put
  }

  return piece => {
    const length = waiting + piece.length
    if (length > input.length) input = Buffer.concat([input.subarray(0, waiting)], 2 * length)
    input.set(piece, waiting)
    const lines = input.subarray(0, input.subarray(0, length).lastIndexOf(lineBreak) + 1)
    // No line is shown longer than it is in the file.
    const text = Buffer.allocUnsafe(lines.length)
    from = 0
    to = 0
    while (from < lines.length) decodeLine(lines, text)
    input.copyWithin(0, lines.length, length)
    waiting = length - lines.length
    return text.subarray(0, to)
  }
}

/** `2000-01-01T00:00:00.5` of the entry that ends there; undefined if there is none. */
function timeAtEnd(lines: Buffer, end: number): Buffer | undefined {
  const before = end - '"}'.length - 'Z'.length
  const quoted = lines.lastIndexOf(quote, before)
  const length = before - quoted - 1
  if (length < seconds || length > seconds + nanoseconds.length) return undefined
  return lines.subarray(quoted + 1, before)
}

/** Returns where what follows is to be put. */
function putTime(time: Buffer, text: Buffer, at: number): number {
  time.copy(text, at)
  const fraction = time.length - seconds
  return at + time.length + text.write(`${nanoseconds.slice(fraction)}Z `, at + time.length)
}

/** Times as they are in the file, without zeros at their end, are in the order of their bytes. */
function comparableTime(milliseconds: number): Buffer {
  const time = new Date(Math.max(0, milliseconds)).toISOString()
  return Buffer.from(time.replace(/\.?0*Z$/, ''))
}

const isBefore = (time: Buffer, earliest: Buffer) => time.compare(earliest) < 0

/** The value of a digit; the engine writes small letters. */
const hex = (digit = 0) => (digit < 0x61 ? digit - 0x30 : digit - 0x57)
