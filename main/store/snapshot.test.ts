import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configMap, keyOf, openStore, prefix, temporaryDirectory } from './store.fixture.ts'

test('a snapshot taken among writes opens as a store with all that was acknowledged before', async () => {
  using directory = temporaryDirectory()
  using elsewhere = temporaryDirectory()
  await using store = await openStore(directory.path)
  await Promise.all(
    Array.from({ length: 2000 }, (_, i) => store.create(keyOf(`a-${i}`), configMap(`a-${i}`, 'x'.repeat(500)))),
  )
  await store.create(keyOf('lease'), configMap('lease'), { volatile: true })
  const taken = store.snapshot(join(elsewhere.path, 'store.db'))
  await Promise.all(Array.from({ length: 100 }, (_, i) => store.create(keyOf(`b-${i}`), configMap(`b-${i}`))))
  await taken

  await using copy = await openStore(elsewhere.path)
  const original = new Map((await store.list(prefix)).entries.map(({ key, bytes }) => [key, bytes.toString()]))
  const { entries } = await copy.list(prefix)
  expect(entries.length).toBeGreaterThanOrEqual(2001)
  expect(entries.map(({ key, bytes }) => [key, bytes.toString()])).toEqual(
    entries.map(({ key }) => [key, original.get(key)]),
  )
  expect(copy.get(keyOf('lease'))).toBeDefined()
})
