import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collector, configMap, keyOf, openStore, prefix, temporaryDirectory } from './store.fixture.ts'

test('a durable write can not be read before it is on disk, a volatile one at once', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  const lease = store.create(keyOf('lease'), configMap('lease'), { volatile: true })
  expect(store.get(keyOf('lease'))?.revision).toBe(1)
  const durable = store.create(keyOf('a'), configMap('a'))
  const behind = store.update(keyOf('lease'), 1, configMap('lease', '2'), { volatile: true })
  expect(store.get(keyOf('a'))).toBeUndefined()
  // Revisions become visible in order, so a volatile write waits for what is ahead of it.
  expect(store.get(keyOf('lease'))?.revision).toBe(1)

  await Promise.all([lease, durable, behind])
  expect(store.get(keyOf('lease'))?.revision).toBe(3)
})

test('volatile writes alone reach the disk too', async () => {
  using directory = temporaryDirectory()
  await using store = await openStore(directory.path)
  for (let i = 1; i <= 300; i++) await store.create(keyOf(`lease-${i}`), configMap(''), { volatile: true })
  const history = await store.history(keyOf('lease-300'))
  expect(history.map(({ revision }) => revision)).toEqual([300])
})

test('volatile writes made while others are on their way to the disk are not forgotten', async () => {
  using directory = temporaryDirectory()
  let last = 0
  {
    await using store = await openStore(directory.path)
    const write = () => store.create(keyOf(`lease-${++last}`), configMap(''), { volatile: true })
    await write()
    let flushing = true
    const flushed = store.history(keyOf('lease-1')).then(() => (flushing = false))
    while (flushing as boolean) {
      await write()
      await new Promise(resolve => setImmediate(resolve))
    }
    await flushed
  }
  await using store = await openStore(directory.path)
  expect(store.count(prefix)).toBe(last)
})

test('a group that fails takes along what was staged with and on top of it, and the store goes on', async () => {
  using directory = temporaryDirectory()
  await (await openStore(directory.path))[Symbol.asyncDispose]()
  // A real failure in the middle of SQLite's transaction, as a full disk would cause.
  const message = breakDatabase(join(directory.path, 'store.db'))
  {
    await using store = await openStore(directory.path)
    const watcher = collector()
    using watch = store.watch(prefix, 0, watcher)
    await watch.replayed
    await store.create(keyOf('lease'), configMap('lease'), { volatile: true })
    const outcomes = await Promise.allSettled([
      store.create(keyOf('a'), configMap('a', '1')),
      store.create(keyOf('boom'), configMap('boom')),
      store.update(keyOf('a'), 2, configMap('a', '2')),
      store.update(keyOf('lease'), 1, configMap('lease', '2'), { volatile: true }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
    expect(outcomes[1]).toMatchObject({ reason: { message } })
    expect(store.get(keyOf('a'))).toBeUndefined()

    const { revision } = await store.create(keyOf('a'), configMap('a', '3'))
    await store.update(keyOf('lease'), 1, configMap('lease', '3'), { volatile: true })
    expect(watcher.seen).toEqual(['put lease 1', `put a ${revision}`, `put lease ${revision + 1} 1`])
  }
  await using store = await openStore(directory.path)
  const values = (await store.list(prefix)).entries.map(({ object }) => object)
  expect(values).toMatchObject([{ data: { value: '3' } }, { data: { value: '3' } }])
})

/** Makes every write of the key `boom` fail with the message in the result. */
function breakDatabase(file: string): string {
  const message = 'database or disk is full'
  const db = new Database(file)
  db.exec(
    `CREATE TRIGGER broken BEFORE INSERT ON log WHEN NEW.key LIKE '%/boom' BEGIN SELECT RAISE(ABORT, '${message}'); END`,
  )
  db.close()
  return message
}
