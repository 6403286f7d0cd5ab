import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  difference,
  hasField,
  intersection,
  isEmpty,
  matching,
  noFields,
  printFields,
  readFieldSet,
  recursiveDifference,
  union,
  type FieldSet,
} from './field-set.ts'

const element = fc.constantFrom(
  'f:a',
  'f:b',
  'f:.',
  'f:__proto__',
  'k:{"name":"x"}',
  'k:{"name":"x y"}',
  'k:{"port":80,"protocol":"TCP"}',
  'k:{"port":443,"protocol":"TCP"}',
  'v:"x"',
  'v:1',
  'i:0',
)
const { tree } = fc.letrec<{ tree: object }>(tie => ({
  tree: fc.dictionary(
    fc.oneof(element, fc.constant('.')),
    fc.oneof({ depthSize: 'small' }, fc.constant({}), tie('tree')),
    { maxKeys: 4 },
  ),
}))
const set = tree.map(readFieldSet)
function same(a: FieldSet, b: FieldSet): void {
  expect(JSON.stringify(a)).toBe(JSON.stringify(b))
}

test('a set is read as it is written', () => {
  fc.assert(
    fc.property(set, a => {
      same(readFieldSet(JSON.parse(JSON.stringify(a))), a)
    }),
  )
})

test('the laws of sets hold, in the order of the elements', () => {
  fc.assert(
    fc.property(set, set, set, (a, b, c) => {
      same(union(a, b), union(b, a))
      same(union(a, union(b, c)), union(union(a, b), c))
      same(union(a, a), a)
      same(intersection(a, b), intersection(b, a))
      same(union(difference(a, b), intersection(a, b)), a)
      same(difference(difference(a, b), b), difference(a, b))
      same(intersection(difference(a, b), b), noFields)
      same(difference(a, union(b, c)), difference(difference(a, b), c))
    }),
  )
})

test('what an operation leaves as it was is shared', () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      expect(union(a, a)).toBe(a)
      expect(union(union(a, b), b)).toEqual(union(a, b))
      expect(difference(a, noFields)).toBe(a)
      const rest = difference(a, b)
      expect(difference(rest, b)).toBe(rest)
    }),
  )
})

test('a recursive difference takes what is below with it', () => {
  const all = readFieldSet({ 'f:a': { '.': {}, 'f:b': {}, 'f:c': { 'f:d': {} } }, 'f:e': {} })
  expect(difference(all, { 'f:a': {} })).toEqual({ 'f:a': { 'f:b': {}, 'f:c': { 'f:d': {} } }, 'f:e': {} })
  expect(recursiveDifference(all, { 'f:a': {} })).toEqual({ 'f:e': {} })
  expect(recursiveDifference(all, { 'f:a': { 'f:c': {} } })).toEqual({ 'f:a': { '.': {}, 'f:b': {} }, 'f:e': {} })
  fc.assert(
    fc.property(set, set, (a, b) => {
      const rest = printFields(recursiveDifference(a, b))
      expect(rest).toEqual(printFields(difference(a, b)).filter(path => rest.includes(path)))
      if (isEmpty(b)) same(recursiveDifference(a, b), a)
    }),
  )
})

test('what a client sends becomes canonical: in order, elements written one way, unknown kinds left out', () => {
  const given = {
    'f:z': {},
    'v:2': {},
    'k:{"protocol":"TCP","port":443}': { '.': {}, 'f:x': null },
    'k:{"port":80, "protocol":"TCP"}': {},
    'v:"a<b"': {},
    'f:a': { '.': {} },
    'i:3': {},
    'x:unknown': { 'f:a': {} },
  }
  expect(JSON.stringify(readFieldSet(given))).toBe(
    '{"f:a":{},"f:z":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{},' +
      '"k:{\\"port\\":443,\\"protocol\\":\\"TCP\\"}":{".":{},"f:x":{}},"v:2":{},"v:\\"a\\\\u003cb\\"":{},"i:3":{}}',
  )
  for (const bad of [1, [], { f: {} }, { 'k:[': {} }, { 'k:1': {} }, { 'i:x': {} }, { 'f:a': 1 }]) {
    expect(() => readFieldSet(bad), JSON.stringify(bad)).toThrow(SyntaxError)
  }
})

test('paths are printed as upstream prints them, fields before what is below them', () => {
  const all = readFieldSet({
    'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {} } }, 'f:replicas': {} },
    'f:metadata': { 'f:finalizers': { 'v:"x/y"': {} } },
    'f:ports': { 'k:{"port":80,"protocol":"TCP"}': {} },
  })
  expect(printFields(all)).toEqual([
    '.metadata.finalizers[="x/y"]',
    '.ports[port=80,protocol="TCP"]',
    '.spec.replicas',
    '.spec.containers[name="a"]',
    '.spec.containers[name="a"].image',
  ])
  expect(hasField(all, ['f:spec', 'f:replicas'])).toBe(true)
  expect(hasField(all, ['f:spec'])).toBe(false)
  expect(matching(all, { 'f:spec': { 'f:containers': { '*': { 'f:image': true } } } })).toEqual({
    'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {} } } },
  })
})
