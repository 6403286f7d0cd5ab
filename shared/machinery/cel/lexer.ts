import type { Issue } from './issues.ts'
import { readBytes, readText } from './literals.ts'
import { uintOf, type Value } from './value.ts'

export interface Token {
  readonly kind: 'ident' | 'literal' | 'operator' | 'end'
  readonly text: string
  readonly at: number
  readonly value?: Value
}

/** The text is no expression of CEL; the message begins with `Syntax error:` as upstream's does. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  readonly issue: Issue

  constructor(at: number, message: string) {
    super(message)
    this.issue = { at, message }
  }
}

export const syntaxError = (at: number, message: string) => new ParseError(at, `Syntax error: ${message}`)

const space = /(?:[ \t\r\n\f]|\/\/[^\n]*)*/y
const number = /0x[0-9a-fA-F]+[uU]?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?/y
const word = /[A-Za-z_][A-Za-z0-9_]*/y
const text =
  /([bB]?[rR]?|[rR][bB])("""[^]*?(?<!\\)(?:\\\\)*"""|'''[^]*?(?<!\\)(?:\\\\)*'''|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')/y
const rawText = /([bB]?[rR]|[rR][bB])("""[^]*?"""|'''[^]*?'''|"[^"\r\n]*"|'[^'\r\n]*')/y
const operator = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y

const constants: Readonly<Record<string, Value>> = { true: true, false: false, null: null }

/** Splits an expression into tokens, the end among them. Throws ParseErrors. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  for (;;) {
    at += match(space)?.[0].length ?? 0
    if (at >= source.length) return [...tokens, { kind: 'end', text: '<EOF>', at }]
    const found = match(number) ?? match(rawText) ?? match(text) ?? match(word) ?? match(operator)
    // Kubernetes leaves out the syntax for names that are no identifiers.
    if (source[at] === '`') throw new ParseError(at, "unsupported syntax: '`'")
    if (!found) throw syntaxError(at, `token recognition error at: '${unrecognised(source, at)}'`)
    tokens.push(tokenOf(found, at))
    at += found[0].length
  }
}

/** Upstream's lexer names what it has read when it gives up: one character, two of a lone `=`, the rest of a text. */
function unrecognised(source: string, at: number): string {
  const first = source[at] ?? ''
  if ('"\''.includes(first)) return /^[^\r\n]*/.exec(source.slice(at))?.[0] ?? first
  return source.slice(at, at + ('=&|'.includes(first) ? 2 : 1)).replaceAll('\n', '\\n')
}

function tokenOf(found: RegExpExecArray, at: number): Token {
  const [all, prefix, quoted] = found
  const first = all[0] ?? ''
  if (quoted !== undefined) return stringToken({ all, prefix: prefix ?? '', quoted, at })
  if (/\d/.test(first) || (first === '.' && all.length > 1)) return numberToken(all, at)
  if (!/[A-Za-z_]/.test(first) || all === 'in') return { kind: 'operator', text: all, at }
  if (Object.hasOwn(constants, all)) return { kind: 'literal', text: all, at, value: constants[all] ?? null }
  return { kind: 'ident', text: all, at }
}

function stringToken({ all, prefix, quoted, at }: { all: string; prefix: string; quoted: string; at: number }): Token {
  const kind = prefix.toLowerCase()
  const width = /^("""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1
  const body = quoted.slice(width, -width)
  const raw = kind.includes('r')
  try {
    const value = kind.includes('b') ? readBytes(body, raw) : readText(body, raw)
    return { kind: 'literal', text: all, at, value }
  } catch (error) {
    if (error instanceof RangeError) throw new ParseError(at, error.message)
    throw error
  }
}

function numberToken(all: string, at: number): Token {
  const unsigned = /[uU]$/.test(all)
  if (!unsigned && !all.startsWith('0x') && /[.eE]/.test(all)) {
    const value = Number(all)
    if (!Number.isFinite(value)) throw new ParseError(at, 'invalid double literal')
    return { kind: 'literal', text: all, at, value }
  }
  // One more than the greatest is let through: with a minus before it, it is the least.
  const value = BigInt(unsigned ? all.slice(0, -1) : all)
  if (unsigned && value >= 1n << 64n) throw new ParseError(at, 'invalid uint literal')
  if (!unsigned && value > 1n << 63n) throw new ParseError(at, 'invalid int literal')
  return { kind: 'literal', text: all, at, value: unsigned ? uintOf(value) : value }
}
