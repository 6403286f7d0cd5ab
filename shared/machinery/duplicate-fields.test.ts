import { expect, test } from 'vitest'
import { duplicateFields } from './duplicate-fields.ts'

test.each([
  ['{"a":1,"b":2}', []],
  ['{"a":1,"a":2}', ['a']],
  ['{"a":1,"a":2,"a":3}', ['a']],
  ['{"a":{"b":1,"b":2}}', ['a.b']],
  ['{"a":[{"b":1},{"b":1,"b":2}]}', ['a[1].b']],
  ['{"a":[[{"b":1,"b":2}]]}', ['a[0][0].b']],
  ['{"a":"a","b":"a"}', []],
  [String.raw`{"a\"":1,"a\"":2}`, ['a"']],
  [String.raw`{"a":"\",\"a\":{","\u0061":1}`, ['a']],
  ['{"a":{},"b":[],"a":null}', ['a']],
  ['[{"a":1,"a":1}]', ['[0].a']],
  ['1', []],
])('%s', (text, expected) => {
  expect(duplicateFields(text)).toEqual(expected)
})
