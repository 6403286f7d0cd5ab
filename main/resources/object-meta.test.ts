import { describe, expect, it } from 'vitest'
import type { KubeObject, ObjectMeta, StatusCause } from '../../shared/api/object.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'

const rules = { ref: { namespaced: true } }
const meta = (given: Partial<ObjectMeta>): KubeObject => ({
  metadata: { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', ...given },
})
const texts = (causes: StatusCause[]) => causes.map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`)

describe('metadata of a new object', () => {
  it.each<[Partial<ObjectMeta>, string[]]>([
    [{}, []],
    [{ name: '' }, ['metadata.name: Required value: name or generateName is required']],
    [{ namespace: '' }, ['metadata.namespace: Required value']],
    [{ finalizers: ['example.com/keep'] }, []],
    [
      { finalizers: ['keep'] },
      [
        'metadata.finalizers[0]: Invalid value: "keep": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      { annotations: { 'a/b': 'x'.repeat(256 * 1024) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    [
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: '', uid: 'u' }] },
      ['metadata.ownerReferences.name: Invalid value: "": must not be empty'],
    ],
  ])('%j', (given, expected) => {
    expect(texts(validateObjectMeta(meta(given), rules))).toEqual(expected)
  })

  it('lets a generated name end in a dash', () => {
    expect(validateObjectMeta(meta({ generateName: 'web-' }), rules)).toEqual([])
  })

  it('keeps namespaces off what has none', () => {
    expect(texts(validateObjectMeta(meta({}), { ref: { namespaced: false } }))).toEqual([
      'metadata.namespace: Forbidden: not allowed on this type',
    ])
  })
})

describe('metadata of a changed object', () => {
  it.each<[Partial<ObjectMeta>, Partial<ObjectMeta>, string[]]>([
    [{ labels: { a: 'b' } }, {}, []],
    [{ name: 'b' }, {}, ['metadata.name: Invalid value: "b": field is immutable']],
    [{ uid: 'v' }, {}, ['metadata.uid: Invalid value: "v": field is immutable']],
    [{ generation: 1 }, { generation: 2 }, ['metadata.generation: Invalid value: 1: must not be decremented']],
    [{ resourceVersion: '' }, {}, ['metadata.resourceVersion: Invalid value: "": must be specified for an update']],
    [
      { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a.b/c'] },
      { deletionTimestamp: '2026-01-01T00:00:00Z' },
      [
        'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.b/c"}',
      ],
    ],
  ])('%j after %j', (now, before, expected) => {
    expect(texts(validateObjectMetaUpdate(meta(now), meta(before)))).toEqual(expected)
  })
})
