import { expect, test } from 'vitest'
import { configMap, keyOf, manualClock, openStore, prefix, temporaryDirectory } from './store.fixture.ts'
import type { JournalEntry, Store } from './store.ts'

const journal: JournalEntry = {
  auditId: 'audit-1',
  user: 'kubernetes-admin',
  agent: 'kubectl/v1.36.0',
  verb: 'create',
  resource: 'configmaps',
  namespace: 'default',
  name: 'a',
  latency: 1200.4,
}

async function revisionsOf(store: Store, name: string): Promise<number[]> {
  return (await store.history(keyOf(name))).map(({ revision }) => revision)
}

test('history tells what a key was, when, and who asked', async () => {
  using directory = temporaryDirectory()
  const clock = manualClock(1000)
  await using store = await openStore(directory.path, { clock })
  const { revision } = await store.create(keyOf('a'), configMap('a', '1'), { journal })
  clock.advance(5)
  await store.delete(keyOf('a'), revision, configMap('a', 'last'))
  await store.create(keyOf('b'), configMap('b'))

  const [gone, created] = await store.history(keyOf('a'))
  expect(gone).toMatchObject({ revision: 2, time: 1005, deleted: true, object: { data: { value: 'last' } } })
  expect(gone).not.toHaveProperty('journal')
  expect(created).toMatchObject({ revision: 1, time: 1000, deleted: false, object: { data: { value: '1' } } })
  expect(created?.journal).toEqual({ ...journal, latency: 1200 })
  expect(await store.history(keyOf('a'), { limit: 1 })).toEqual([gone])
})

test('a compaction ends lists of the past but not history', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  await store.create(keyOf('a'), configMap('a', '1'))
  await store.update(keyOf('a'), 1, configMap('a', '2'))
  await store.update(keyOf('a'), 2, configMap('a', '3'))
  await store.compact(2)

  await expect(store.list(prefix, { revision: 1 })).rejects.toMatchObject({ code: 'compacted' })
  expect((await store.list(prefix, { revision: 2 })).entries[0]?.object).toMatchObject({ data: { value: '2' } })
  expect(await revisionsOf(store, 'a')).toEqual([3, 2, 1])
})

test('the floor is there after a restart', async () => {
  using directory = temporaryDirectory()
  {
    await using store = await openStore(directory.path)
    await store.create(keyOf('a'), configMap('a'))
    await store.compact(100)
  }
  await using store = await openStore(directory.path)
  expect(store.compacted).toBe(1)
})

test('history goes when it is too old, counted from when a value was replaced, and never what the window needs', async () => {
  using directory = temporaryDirectory()
  const clock = manualClock()
  await using store = await openStore(directory.path, { clock, historyLimits: { age: 1000, bytes: 1e6 } })
  await store.create(keyOf('a'), configMap('a'))
  await store.create(keyOf('gone'), configMap('gone'))
  clock.advance(600)
  await store.update(keyOf('a'), 1, configMap('a'))
  await store.delete(keyOf('gone'), 2, configMap('gone'))
  clock.advance(600)
  await store.update(keyOf('a'), 3, configMap('a'))

  await store.compact(store.revision)
  expect(await revisionsOf(store, 'a')).toEqual([5, 3, 1])
  clock.advance(600)
  await store.compact(store.revision)
  expect(await revisionsOf(store, 'a')).toEqual([5, 3])
  expect(await revisionsOf(store, 'gone')).toEqual([])
})

test('history goes, oldest first, when there is too much of it', async () => {
  using directory = temporaryDirectory()
  const value = 'x'.repeat(1000)
  await using store = await openStore(directory.path, { historyLimits: { age: Infinity, bytes: 5500 } })
  await store.create(keyOf('still'), configMap('still', value))
  let { revision } = await store.create(keyOf('a'), configMap('a', value))
  while (revision < 1000) ({ revision } = await store.update(keyOf('a'), revision, configMap('a', value)))
  await store.compact(revision)

  expect(await revisionsOf(store, 'a')).toEqual([1000, 999, 998, 997, 996])
  expect(await revisionsOf(store, 'still')).toEqual([1])
})
