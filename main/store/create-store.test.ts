import { expect, test } from 'vitest'
import { collector, configMap, keyOf, openStore, prefix, temporaryDirectory } from './store.fixture.ts'

test('a created value is read back with its revision, in bytes and as a frozen object', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  const entry = await store.create(keyOf('a'), configMap('a', 'héllo'))

  expect(store.get(keyOf('a'))).toBe(entry)
  expect(entry.revision).toBe(store.revision)
  expect(entry.object).toEqual({
    ...configMap('a', 'héllo'),
    metadata: { name: 'a', namespace: 'default', uid: 'a', resourceVersion: String(entry.revision) },
  })
  expect(JSON.parse(entry.bytes.toString())).toEqual(entry.object)
  expect(Object.isFrozen(entry.object.metadata)).toBe(true)
})

test('writes that do not fit the newest value fail with the reason', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  const { revision } = await store.create(keyOf('a'), configMap('a'))

  await expect(store.create(keyOf('a'), configMap('a'))).rejects.toMatchObject({
    code: 'alreadyExists',
    key: keyOf('a'),
  })
  await expect(store.update(keyOf('a'), revision + 1, configMap('a'))).rejects.toMatchObject({ code: 'conflict' })
  await expect(store.delete(keyOf('a'), revision + 1, configMap('a'))).rejects.toMatchObject({ code: 'conflict' })
  await expect(store.update(keyOf('b'), revision, configMap('b'))).rejects.toMatchObject({ code: 'notFound' })
  await expect(store.delete(keyOf('b'), revision, configMap('b'))).rejects.toMatchObject({ code: 'notFound' })
  expect(store.revision).toBe(revision)
})

test('of two updates made at once the second is refused, and then the first can be read', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  const { revision } = await store.create(keyOf('a'), configMap('a'))
  const first = store.update(keyOf('a'), revision, configMap('a', '1'))
  const read = await store.update(keyOf('a'), revision, configMap('a', '2')).catch(() => store.get(keyOf('a')))

  expect(read).toBe(await first)
})

test('a key can be deleted and created again while nothing is on disk yet', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  const { revision } = await store.create(keyOf('a'), configMap('a', '1'))
  const [gone, again] = await Promise.all([
    store.delete(keyOf('a'), revision, configMap('a', 'last')),
    store.create(keyOf('a'), configMap('a', '2')),
  ])

  expect(gone.object).toMatchObject({ data: { value: 'last' }, metadata: { resourceVersion: String(revision + 1) } })
  expect(store.get(keyOf('a'))).toBe(again)
})

test('what was written is there after a restart, and revisions go on without a gap', async () => {
  using directory = temporaryDirectory()
  let last: number
  {
    await using store = await openStore(directory.path)
    await store.create(keyOf('a'), configMap('a', '1'))
    const { revision } = await store.create(keyOf('b'), configMap('b'))
    await store.delete(keyOf('b'), revision, configMap('b'))
    await store.create(keyOf('c'), configMap('c'), { volatile: true })
    last = store.revision
  }
  await using store = await openStore(directory.path)
  expect(store.revision).toBe(last)
  const { entries } = await store.list(prefix)
  expect(entries.map(({ object }) => object.metadata.name)).toEqual(['a', 'c'])
  expect(entries[0]?.object).toMatchObject({ data: { value: '1' } })
  expect((await store.create(keyOf('d'), configMap('d'))).revision).toBe(last + 1)
})

test('disposing ends watches and refuses further calls', async () => {
  using directory = temporaryDirectory()
  const store = await openStore(directory.path)
  const watcher = collector()
  await store.watch(prefix, 0, watcher).replayed
  const last = store.create(keyOf('a'), configMap('a'))
  await store[Symbol.asyncDispose]()

  await last
  expect(watcher.seen).toEqual(['put a 1'])
  expect(watcher.ended).toEqual(['stopped'])
  await expect(store.create(keyOf('b'), configMap('b'))).rejects.toThrow('the store is closed')
  expect(() => store.watch(prefix, 0, watcher)).toThrow('the store is closed')
})
