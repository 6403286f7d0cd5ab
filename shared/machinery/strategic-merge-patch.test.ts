import { describe, expect, test } from 'vitest'
import type { Schema } from './schema.ts'
import type { StatusError } from './status.ts'
import { applyStrategicMergePatch } from './strategic-merge-patch.ts'

const merged = (mergeKey: string, items: Schema, strategy = 'merge'): Schema => ({
  type: 'array',
  items,
  'x-kubernetes-patch-strategy': strategy,
  'x-kubernetes-patch-merge-key': mergeKey,
})

/** As much of a Pod as the cases need. */
const schema: Schema = {
  properties: {
    containers: merged('name', {
      properties: {
        env: merged('name', {}),
        args: { type: 'array' },
        limits: { additionalProperties: { type: 'string' } },
      },
    }),
    volumes: merged('name', {}, 'merge,retainKeys'),
    finalizers: { type: 'array', 'x-kubernetes-patch-strategy': 'merge' },
    tolerations: { type: 'array' },
    selector: { type: 'object', 'x-kubernetes-patch-strategy': 'replace' },
    strategy: { type: 'object', 'x-kubernetes-patch-strategy': 'retainKeys' },
    labels: { additionalProperties: { type: 'string' } },
  },
}

interface Case {
  original: Record<string, unknown>
  patch: Record<string, unknown>
  result: Record<string, unknown>
}

// Expected values are what k8s.io/apimachinery v0.36.0 makes of the same patch on a Pod.
const cases: Record<string, Case> = {
  'merges objects and removes nulls': {
    original: { labels: { a: '1', b: '2' } },
    patch: { labels: { b: null, c: '3' } },
    result: { labels: { a: '1', c: '3' } },
  },
  'merges items of the same key and puts new ones first, as the patch has them': {
    original: { containers: [{ name: 'a', image: 'x' }, { name: 'b' }] },
    patch: { containers: [{ name: 'c' }, { name: 'a', args: ['1'] }] },
    result: { containers: [{ name: 'c' }, { name: 'a', image: 'x', args: ['1'] }, { name: 'b' }] },
  },
  'merges lists inside of items': {
    original: { containers: [{ name: 'a', env: [{ name: 'E', value: '1' }] }] },
    patch: { containers: [{ name: 'a', env: [{ name: 'F', value: '2' }] }] },
    result: {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'F', value: '2' },
            { name: 'E', value: '1' },
          ],
        },
      ],
    },
  },
  'replaces lists without a strategy': {
    original: { tolerations: [{ key: 'a' }] },
    patch: { tolerations: [{ key: 'b' }] },
    result: { tolerations: [{ key: 'b' }] },
  },
  'replaces objects whose strategy says so': {
    original: { selector: { a: '1' } },
    patch: { selector: { b: '2' } },
    result: { selector: { b: '2' } },
  },
  'deletes an item': {
    original: { containers: [{ name: 'a' }, { name: 'b' }] },
    patch: { containers: [{ name: 'a', $patch: 'delete' }] },
    result: { containers: [{ name: 'b' }] },
  },
  'replaces a list on demand': {
    original: { containers: [{ name: 'a' }, { name: 'b' }] },
    patch: { containers: [{ name: 'c' }, { $patch: 'replace' }] },
    result: { containers: [{ name: 'c' }] },
  },
  'replaces an object on demand': {
    original: { labels: { a: '1' } },
    patch: { labels: { b: '2', $patch: 'replace' } },
    result: { labels: { b: '2' } },
  },
  'empties an object on demand': {
    original: { labels: { a: '1' } },
    patch: { labels: { $patch: 'delete' } },
    result: { labels: {} },
  },
  'keeps only the keys of a union': {
    original: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } },
    patch: { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    result: { strategy: { type: 'Recreate' } },
  },
  'keeps only the keys of an item': {
    original: { volumes: [{ name: 'v', hostPath: { path: '/x' } }] },
    patch: { volumes: [{ name: 'v', emptyDir: {}, $retainKeys: ['name', 'emptyDir'] }] },
    result: { volumes: [{ name: 'v', emptyDir: {} }] },
  },
  'merges scalars as a set': {
    original: { finalizers: ['a', 'b'] },
    patch: { finalizers: ['c', 'a'] },
    result: { finalizers: ['c', 'a', 'b'] },
  },
  'takes scalars out of a list': {
    original: { finalizers: ['a', 'b', 'c'] },
    patch: { '$deleteFromPrimitiveList/finalizers': ['a', 'c'] },
    result: { finalizers: ['b'] },
  },
  'orders items as asked and leaves the others where they stood': {
    original: { containers: [{ name: 'a' }, { name: 'x' }, { name: 'b' }] },
    patch: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
    result: { containers: [{ name: 'x' }, { name: 'b' }, { name: 'a' }] },
  },
  'gives what is added the place of what is deleted': {
    original: { containers: [{ name: 'b' }, { name: 'a' }] },
    patch: {
      '$setElementOrder/containers': [{ name: 'a' }, { name: 'd' }],
      containers: [{ name: 'a', $patch: 'delete' }, { name: 'd' }],
    },
    result: { containers: [{ name: 'b' }, { name: 'd' }] },
  },
  'drops nulls and directives of what is new': {
    original: {},
    patch: {
      containers: [
        { name: 'a', image: null },
        { name: 'b', $patch: 'delete' },
      ],
    },
    result: { containers: [{ name: 'a' }] },
  },
}

describe('a strategic merge patch', () => {
  test.each(Object.entries(cases))('%s', (_, { original, patch, result }) => {
    const before = structuredClone({ original, patch })
    expect(applyStrategicMergePatch({ schema, original, patch })).toEqual(result)
    expect({ original, patch }).toEqual(before)
  })

  test.each([
    [{ containers: [{ image: 'x' }] }, 'map: map[image:x] does not contain declared merge key: name'],
    [{ containers: [{ name: 'a', $patch: 'merge' }] }, 'merging lists cannot yet be specified in the patch'],
    [{ labels: { $patch: 'frob' } }, 'unknown patch type: frob in map: map[$patch:frob]'],
    [
      { labels: { $patch: { toString: 1 } } },
      'unknown patch type: map[toString:1] in map: map[$patch:map[toString:1]]',
    ],
    [{ strategy: { $retainKeys: ['type'], rollingUpdate: {} } }, 'invalid patch format of retainKeys'],
    [{ '$setElementOrder/containers': 'a' }, 'expected a []interface {}, but received a string'],
    [{ '$setElementOrder/labels': [] }, 'invalid patch format of setElementOrder list'],
    [{ containers: [3] }, 'list element types are not identical: [[map[name:a]] [3]]'],
    [{ '$deleteFromPrimitiveList/': ['a'], $deleteFromPrimitiveListX: [] }, 'invalid patch format of primitive list'],
    [
      { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b' }] },
      "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
    ],
    [[], 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ])('%j is refused', (patch, message) => {
    const original = { containers: [{ name: 'a' }], labels: {}, strategy: {} }
    // Upstream takes all but a bad format for a fault of its own.
    const code = /format|unmarshal/.test(message) ? 400 : 500
    expect(() => applyStrategicMergePatch({ schema, original, patch })).toThrow(
      expect.objectContaining({ name: 'StatusError', code, message }) as StatusError,
    )
  })

  test('many items take no longer each than few', () => {
    const containers = Array.from({ length: 100_000 }, (_, at) => ({ name: `c${at}` }))
    const result = applyStrategicMergePatch({
      schema,
      original: { containers: containers.slice(0, 50_000) },
      patch: { containers: containers.slice(25_000) },
    })
    expect(new Set((result.containers as { name: string }[]).map(({ name }) => name)).size).toBe(100_000)
  })
})
