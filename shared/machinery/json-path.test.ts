import { expect, test } from 'vitest'
import { compileJsonPath } from './json-path.ts'

const object = {
  spec: { list: [1, 2, 3], 'a.b': 'dotted', items: [{ k: 'a', v: 1 }, { k: 'b', v: 2 }, { v: 3 }] },
  deep: { spec: { name: 'x' } },
}

test.each([
  ['.spec.list[0]', [1]],
  ['.spec.list[-1]', [3]],
  ['.spec.list[0:2]', [1, 2]],
  ['.spec.list[*]', [1, 2, 3]],
  ['.spec.a\\.b', ['dotted']],
  ["['spec']['a.b']", ['dotted']],
  ['.spec.items[?(@.k=="b")].v', [2]],
  ['.spec.items[?(@.v>=2)].v', [2, 3]],
  ['.spec.items[?(@.k)].v', [1, 2]],
  ['.spec.missing.more', []],
  ['..name', ['x']],
  ['.spec.list[7]', undefined],
  ['.deep[0]', undefined],
])('%s leads to %j', (path, expected) => {
  expect(compileJsonPath(path)?.(object)).toEqual(expected)
})

test.each(['.spec.list[', '.spec.list[x]', '.a[?(@.b==)]]', '#'])('%s is malformed', path => {
  expect(compileJsonPath(path)).toBeUndefined()
})
