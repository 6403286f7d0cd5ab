import { bytesOf, type Bytes } from './value.ts'

const simple: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  '"': '"',
  "'": "'",
  '`': '`',
}

const escape =
  /\\(?:([abfnrtv\\?"'`])|[xX]([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([^]?))/g

/** The text between the quotes of a string literal. Throws RangeErrors with upstream's message for bad escapes. */
export function readText(body: string, raw: boolean): string {
  const text = body.replace(/\r\n?/g, '\n')
  if (raw || !text.includes('\\')) return text
  return text.replace(escape, (_, plain?: string, hex?: string, octal?: string, u4?: string, u8?: string) => {
    if (plain) return simple[plain] ?? ''
    return codePoint(octal ? parseInt(octal, 8) : parseInt(hex ?? u4 ?? u8 ?? '', 16))
  })
}

function codePoint(code: number): string {
  if (Number.isNaN(code)) throw new RangeError('unable to unescape string')
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new RangeError('invalid unicode code point')
  return String.fromCodePoint(code)
}

/** The bytes between the quotes of a bytes literal: there `\x` and octal escapes are bytes, not characters. */
export function readBytes(body: string, raw: boolean): Bytes {
  if (raw) return bytesOf(new TextEncoder().encode(body))
  const parts: Uint8Array[] = []
  let at = 0
  for (const found of body.matchAll(escape)) {
    const [all, plain, hex, octal] = found
    parts.push(new TextEncoder().encode(body.slice(at, found.index)))
    at = found.index + all.length
    if (plain) parts.push(new TextEncoder().encode(simple[plain] ?? ''))
    else if (hex ?? octal) parts.push(Uint8Array.of(octal ? parseInt(octal, 8) : parseInt(hex ?? '', 16)))
    else throw new RangeError('unable to unescape string')
  }
  parts.push(new TextEncoder().encode(body.slice(at)))
  return bytesOf(Uint8Array.from(parts.flatMap(part => [...part])))
}
