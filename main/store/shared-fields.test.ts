import { expect, test } from 'vitest'
import type { KubeObject } from '../../shared/api/object.ts'
import { keyOf, openStore, temporaryDirectory } from './store.fixture.ts'
import { createShareFields } from './shared-fields.ts'

const written = (name: string, fields: object, time = 't'): KubeObject => ({
  metadata: { name, uid: name, managedFields: [{ manager: 'm', time, fieldsV1: fields }] },
})
const treeOf = (object: KubeObject | undefined) => object?.metadata.managedFields?.[0]?.fieldsV1 as unknown

test('objects that were written alike have one tree of managed fields, also when they are read again', async () => {
  using directory = temporaryDirectory()
  {
    await using store = await openStore(directory.path)
    await store.create(keyOf('a'), written('a', { 'f:data': { 'f:x': {} } }, '1'))
    await store.create(keyOf('b'), written('b', { 'f:data': { 'f:x': {} } }, '2'))
    await store.create(keyOf('c'), written('c', { 'f:data': { 'f:y': {} } }))
    const [a, b, c] = ['a', 'b', 'c'].map(name => store.get(keyOf(name))?.object)
    expect(treeOf(a)).toBe(treeOf(b))
    expect(treeOf(c)).toEqual({ 'f:data': { 'f:y': {} } })
    expect(b?.metadata.managedFields?.[0]?.time).toBe('2')
  }
  await using store = await openStore(directory.path)
  const [a, b] = ['a', 'b'].map(name => store.get(keyOf(name))?.object)
  expect(treeOf(a)).toBe(treeOf(b))
  expect(treeOf(a)).toEqual({ 'f:data': { 'f:x': {} } })
})

test('only the trees that were used last are known', () => {
  const share = createShareFields(2)
  const shared = (fields: object) => {
    const { metadata } = written('a', fields)
    share(metadata)
    return treeOf({ metadata })
  }
  const first = shared({ a: {} })
  shared({ b: {} })
  expect(shared({ a: {} })).toBe(first)
  shared({ c: {} })
  shared({ d: {} })
  expect(shared({ a: {} })).not.toBe(first)
})
