import type { Library } from '../functions.ts'
import { charactersOf } from '../text.ts'
import { EvaluationError, itemsOf, listOf, tooLarge, type List } from '../value.ts'
import { formatText } from './format-text.ts'

/** Characters that one function may make. */
const maxResult = 10_000_000

function position(at: bigint, length: number): number {
  if (at < 0n || at > BigInt(length)) throw new EvaluationError(`index out of range: ${at}`)
  return Number(at)
}

/** Where characters of a text begin with those of another: the first at or after `from`, the last at or before it. */
function search(text: string, part: string, from: bigint | undefined, last: boolean): bigint {
  const characters = charactersOf(text)
  const wanted = charactersOf(part)
  const start = from === undefined ? (last ? characters.length : 0) : position(from, characters.length)
  const matches = (at: number) => wanted.every((character, i) => characters[at + i] === character)
  if (last) {
    for (let at = Math.min(start, characters.length - wanted.length); at >= 0; at--) if (matches(at)) return BigInt(at)
  } else {
    for (let at = start; at <= characters.length - wanted.length; at++) if (matches(at)) return BigInt(at)
  }
  return -1n
}

function substring(text: string, from: bigint, to?: bigint): string {
  const characters = charactersOf(text)
  const start = position(from, characters.length)
  const end = to === undefined ? characters.length : position(to, characters.length)
  if (start > end) throw new EvaluationError(`invalid substring range. start: ${start}, end: ${end}`)
  return characters.slice(start, end).join('')
}

function split(text: string, separator: string, limit = -1n): List {
  if (limit === 0n) return listOf([])
  if (limit === 1n) return listOf([text])
  const parts = separator === '' ? [...charactersOf(text)] : text.split(separator)
  if (limit < 0n || parts.length <= limit) return listOf(parts)
  const kept = Number(limit) - 1
  return listOf([...parts.slice(0, kept), parts.slice(kept).join(separator)])
}

function replace(text: string, old: string, by: string, limit = -1n): string {
  const parts = old === '' ? ['', ...charactersOf(text), ''] : text.split(old)
  const count = limit < 0n ? parts.length - 1 : Math.min(Number(limit), parts.length - 1)
  if (text.length + count * by.length > maxResult) throw tooLarge()
  return (
    parts.slice(0, count + 1).join(by) +
    parts
      .slice(count + 1)
      .map(part => old + part)
      .join('')
  )
}

function join(list: List, separator = ''): string {
  const texts: string[] = []
  for (const item of itemsOf(list)) {
    if (typeof item !== 'string') throw new EvaluationError('no such overload')
    texts.push(item)
  }
  return texts.join(separator)
}

const white = /^[\s\u0085]+|[\s\u0085]+$/g

/** CEL's own functions on text, and the strings extension in its second version (cel-go, ext/strings.go). */
export const strings: Library = {
  'string.contains(string) -> bool': (text: string, part: string) => text.includes(part),
  'string.startsWith(string) -> bool': (text: string, part: string) => text.startsWith(part),
  'string.endsWith(string) -> bool': (text: string, part: string) => text.endsWith(part),
  'string.charAt(int) -> string': (text: string, at: bigint) => {
    const characters = charactersOf(text)
    return characters[position(at, characters.length)] ?? ''
  },
  'string.indexOf(string) -> int': (text: string, part: string) => search(text, part, undefined, false),
  'string.indexOf(string, int) -> int': (text: string, part: string, from: bigint) => search(text, part, from, false),
  'string.lastIndexOf(string) -> int': (text: string, part: string) => search(text, part, undefined, true),
  'string.lastIndexOf(string, int) -> int': (text: string, part: string, from: bigint) =>
    search(text, part, from, true),
  'string.lowerAscii() -> string': (text: string) => text.replace(/[A-Z]+/g, found => found.toLowerCase()),
  'string.upperAscii() -> string': (text: string) => text.replace(/[a-z]+/g, found => found.toUpperCase()),
  'string.replace(string, string) -> string': replace,
  'string.replace(string, string, int) -> string': replace,
  'string.split(string) -> list(string)': split,
  'string.split(string, int) -> list(string)': split,
  'string.substring(int) -> string': substring,
  'string.substring(int, int) -> string': substring,
  'string.trim() -> string': (text: string) => text.replace(white, ''),
  'string.format(list(dyn)) -> string': formatText,
  'list(string).join() -> string': join,
  'list(string).join(string) -> string': join,
  'strings:quote(string) -> string': quote,
}

const escapes = new Map([
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
])

function quote(text: string): string {
  return `"${text.toWellFormed().replace(/[\p{Cc}\\"]/gu, found => escapes.get(found) ?? found)}"`
}
