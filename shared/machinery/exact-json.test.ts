import { expect, test } from 'vitest'
import { parseJson } from './exact-json.ts'

test.each([
  ['{"a":9223372036854775807}', { a: 9223372036854775807n }],
  ['[1,[-9223372036854775808]]', [1, [-9223372036854775808n]]],
  ['{"a":9007199254740991,"b":-9007199254740992}', { a: 9007199254740991, b: -9007199254740992 }],
  ['{"a":"9007199254740993","b":"\\":9007199254740993"}', { a: '9007199254740993', b: '":9007199254740993' }],
  ['{"__proto__":9007199254740993}', Object.fromEntries([['__proto__', 9007199254740993n]])],
])('%s keeps its integers and is written the same again', (text, value) => {
  expect(parseJson(text)).toStrictEqual(value)
  expect(JSON.stringify(parseJson(text))).toBe(text)
})

test.each([
  ['beyond 64 bits', '9223372036854775808', 2 ** 63],
  ['with a fraction', '9007199254740993.5', 2 ** 53 + 2],
  ['with an exponent', '9007199254740993e1', 90_071_992_547_409_940],
])('a number %s is the nearest that there is, as in Go', (_, text, value) => {
  expect(parseJson(`[${text}]`)).toStrictEqual([value])
})
