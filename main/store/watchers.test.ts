import { expect, test } from 'vitest'
import { collector, configMap, keyOf, openStore, prefix, temporaryDirectory } from './store.fixture.ts'
import type { Store } from './store.ts'

/** A store that has been restarted, so that its past is in the log alone: `count` creations, the first at revision 1. */
async function withPast(directory: string, count: number): Promise<Store> {
  {
    await using store = await openStore(directory)
    await Promise.all(Array.from({ length: count }, (_, i) => store.create(keyOf(`past-${i}`), configMap(`past-${i}`))))
  }
  return openStore(directory)
}

test('a watch sees puts with what they replaced, and the last value of what is deleted', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  const watcher = collector()
  using watch = store.watch(prefix, 0, watcher)
  await watch.replayed
  await store.create('/core/secrets/default/a', configMap('a'))
  const created = await store.create(keyOf('a'), configMap('a', '1'))
  const updated = await store.update(keyOf('a'), created.revision, configMap('a', '2'))
  const gone = await store.delete(keyOf('a'), updated.revision, configMap('a', 'last'))

  expect(watcher.events).toEqual([
    { type: 'put', entry: created, before: undefined },
    { type: 'put', entry: updated, before: created },
    { type: 'delete', entry: gone, before: updated },
  ])
  expect(gone.object.metadata.resourceVersion).toBe(String(gone.revision))
})

test('a watch that begins in the log goes over to live events without gap or duplicate', async () => {
  using directory = temporaryDirectory()
  await using store = await withPast(directory.path, 2500)
  const watcher = collector()
  using watch = store.watch(prefix, 10, watcher)
  let revision = 2500
  const write = async () => {
    const name = `new-${++revision}`
    await store.create(keyOf(name), configMap(name), { volatile: revision % 2 === 0 })
  }
  let replaying = true
  const replayed = watch.replayed.then(() => (replaying = false))
  while (replaying as boolean) await write()
  await replayed
  await write()

  expect(watcher.events.map(({ entry }) => entry.revision)).toEqual(
    Array.from({ length: revision - 10 }, (_, i) => i + 11),
  )
})

test('a watch from before the floor is refused at once', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  await store.create(keyOf('a'), configMap('a'))
  await store.create(keyOf('b'), configMap('b'))
  await store.compact(1)

  expect(() => store.watch(prefix, 0, collector())).toThrow(expect.objectContaining({ code: 'compacted' }))
  const watcher = collector()
  using watch = store.watch(prefix, 1, watcher)
  await watch.replayed
  expect(watcher.seen).toEqual(['put b 2'])
})

test('a watch that a compaction overtakes is closed, not left with a gap', async () => {
  using directory = temporaryDirectory()
  await using store = await withPast(directory.path, 2500)
  const watcher = collector()
  using watch = store.watch(prefix, 0, watcher)
  await store.compact(2400)
  await watch.replayed

  expect(watcher.ended).toEqual(['compacted'])
  expect(watcher.events.length).toBeLessThan(2400)
})

test('a disposed watch hears nothing more', async () => {
  using directory = temporaryDirectory()
  await using store = await withPast(directory.path, 3)
  const watcher = collector()
  const live = store.watch(prefix, store.revision, watcher)
  await live.replayed
  const replaying = store.watch(prefix, 0, watcher)
  live[Symbol.dispose]()
  replaying[Symbol.dispose]()
  await store.create(keyOf('a'), configMap('a'))
  await replaying.replayed

  expect(watcher.seen).toEqual([])
  expect(watcher.ended).toEqual([])
})

test('a watcher that throws loses its watch; writers and other watchers go on', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  const watcher = collector()
  let calls = 0
  const fail = () => {
    calls++
    throw new Error('a fault in the watcher')
  }
  using _broken = store.watch(prefix, 0, { event: fail, closed: fail })
  using watch = store.watch(prefix, 0, watcher)
  await watch.replayed
  await store.create(keyOf('a'), configMap('a'))
  await store.create(keyOf('b'), configMap('b'))

  expect(calls).toBe(1)
  expect(watcher.seen).toEqual(['put a 1', 'put b 2'])
})

test('a volatile write made by a watcher is published after what is ahead of it, to everyone', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  const [first, second] = [collector(), collector()]
  const caused: Promise<unknown>[] = []
  using _cause = store.watch('', 0, {
    event({ entry }) {
      if (entry.key === keyOf('a')) caused.push(store.create(keyOf('lease'), configMap('lease'), { volatile: true }))
    },
    closed: () => undefined,
  })
  using one = store.watch(prefix, 0, first)
  using two = store.watch('/', 0, second)
  await Promise.all([one.replayed, two.replayed])
  const group = [store.create(keyOf('a'), configMap('a')), store.create(keyOf('b'), configMap('b'), { volatile: true })]
  await Promise.all(group)
  await Promise.all(caused)

  expect(first.seen).toEqual(['put a 1', 'put b 2', 'put lease 3'])
  expect(second.seen).toEqual(first.seen)
})
