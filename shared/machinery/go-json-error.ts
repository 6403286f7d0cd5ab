/**
 * What Go's encoding/json (scanner.go, and apimachinery's copy of it) says of the first fault in a text that is no JSON.
 * Only for texts that JSON.parse has refused: it is slow, and it has nothing to say about good ones.
 */
export function goJsonError(text: string): string {
  const scan: Scan = { text, at: 0 }
  try {
    value(scan)
    blank(scan)
    if (scan.at < text.length) throw unexpected(scan, 'after top-level value')
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    // The scanner works by recursion.
    if (error instanceof RangeError) return 'exceeded max depth'
    throw error
  }
  return 'invalid JSON'
}

interface Scan {
  readonly text: string
  at: number
}

const peek = ({ text, at }: Scan) => text[at] ?? ''

function unexpected(scan: Scan, context: string): SyntaxError {
  const found = peek(scan)
  if (found === '') return new SyntaxError('unexpected end of JSON input')
  return new SyntaxError(`invalid character ${quoted(found)} ${context}`)
}

/** Go's quoteChar. */
function quoted(character: string): string {
  if (character === "'") return `'\\''`
  if (character === '"') return `'"'`
  const text = JSON.stringify(character).slice(1, -1)
  return `'${text.replace(/\\u00([0-9a-f]{2})/, '\\x$1')}'`
}

function blank(scan: Scan): void {
  while (/[ \t\r\n]/.test(peek(scan))) scan.at++
}

/** Passes a character if it is the next. */
function take(scan: Scan, character: string): boolean {
  if (peek(scan) !== character) return false
  scan.at++
  return true
}

function value(scan: Scan): void {
  blank(scan)
  const first = peek(scan)
  if (first === '{') object(scan)
  else if (first === '[') list(scan)
  else if (first === '"') string(scan)
  else if (/[-\d]/.test(first)) number(scan)
  else literal(scan, first)
}

function literal(scan: Scan, first: string): void {
  const word = first === '' ? undefined : ['true', 'false', 'null'].find(each => each.startsWith(first))
  if (word === undefined) throw unexpected(scan, 'looking for beginning of value')
  for (const letter of word) {
    if (!take(scan, letter)) throw unexpected(scan, `in literal ${word} (expecting '${letter}')`)
  }
}

function object(scan: Scan): void {
  scan.at++
  blank(scan)
  if (take(scan, '}')) return
  for (;;) {
    blank(scan)
    if (peek(scan) !== '"') throw unexpected(scan, 'looking for beginning of object key string')
    string(scan)
    blank(scan)
    if (!take(scan, ':')) throw unexpected(scan, 'after object key')
    value(scan)
    blank(scan)
    if (take(scan, '}')) return
    if (!take(scan, ',')) throw unexpected(scan, 'after object key:value pair')
  }
}

function list(scan: Scan): void {
  scan.at++
  blank(scan)
  if (take(scan, ']')) return
  for (;;) {
    value(scan)
    blank(scan)
    if (take(scan, ']')) return
    if (!take(scan, ',')) throw unexpected(scan, 'after array element')
  }
}

function string(scan: Scan): void {
  for (scan.at++; peek(scan) !== '"'; scan.at++) {
    if (peek(scan) < ' ') throw unexpected(scan, 'in string literal')
    if (peek(scan) !== '\\') continue
    scan.at++
    if (peek(scan) === 'u') {
      for (let i = 0; i < 4; i++) {
        scan.at++
        if (!/[\da-fA-F]/.test(peek(scan))) throw unexpected(scan, 'in \\u hexadecimal character escape')
      }
    } else if (!/["\\/bfnrt]/.test(peek(scan))) throw unexpected(scan, 'in string escape code')
  }
  scan.at++
}

function number(scan: Scan): void {
  const digits = (context: string) => {
    if (!/\d/.test(peek(scan))) throw unexpected(scan, context)
    while (/\d/.test(peek(scan))) scan.at++
  }
  if (peek(scan) === '-') scan.at++
  if (peek(scan) === '0') scan.at++
  else digits('in numeric literal')
  if (peek(scan) === '.') {
    scan.at++
    digits('after decimal point in numeric literal')
  }
  if (!/[eE]/.test(peek(scan))) return
  scan.at++
  if (/[-+]/.test(peek(scan))) scan.at++
  digits('in exponent of numeric literal')
}
