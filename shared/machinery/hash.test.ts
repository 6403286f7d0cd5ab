import { expect, test } from 'vitest'
import { fnv32a, hashValue, podTemplateHash } from './hash.ts'
import { generateName, randomString, safeEncodeString } from './rand-name.ts'
import { scaledValue } from './int-or-percent.ts'

test.each([
  ['', 2166136261],
  ['a', 3826002220],
  ['foobar', 3214735720],
])('FNV-32a of %j is %i', (text, expected) => {
  expect(fnv32a(new TextEncoder().encode(text))).toBe(expected)
})

test('a hash does not depend on the order of keys or on undefined members', () => {
  expect(hashValue({ a: 1, b: { c: 2, d: 3 } })).toBe(hashValue({ b: { d: 3, c: 2, e: undefined }, a: 1 }))
  expect(hashValue({ a: [1, 2] })).not.toBe(hashValue({ a: [2, 1] }))
})

test('a template has another hash for each collision', () => {
  const template = { metadata: { labels: { app: 'web' } } }
  const hashes = [undefined, 0, 1].map(count => podTemplateHash(template, count))
  expect(new Set(hashes).size).toBe(3)
  for (const hash of hashes) expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/)
})

test('names are generated from the alphabet without vowels', () => {
  expect(randomString(5, () => 0)).toBe('bbbbb')
  expect(randomString(5, () => 0.999999)).toBe('99999')
  expect(generateName('web-', () => 0)).toBe('web-bbbbb')
  expect(generateName('x'.repeat(70), () => 0)).toBe(`${'x'.repeat(58)}bbbbb`)
  // As k8s.io/apimachinery v0.36.0 encodes it.
  expect(safeEncodeString('0123456789')).toBe('456789bcdf')
})

test.each([
  ['25%', 10, 'up', 3],
  ['25%', 10, 'down', 2],
  ['0%', 10, 'up', 0],
  ['100%', 3, 'down', 3],
  [2, 10, 'up', 2],
  ['x', 10, 'up', undefined],
] as const)('%s of %i, rounded %s, is %s', (value, total, round, expected) => {
  expect(scaledValue(value, { total, round })).toBe(expected)
})
