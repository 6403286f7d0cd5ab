import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collector, configMap, keyOf, openStore, prefix, temporaryDirectory } from './store.fixture.ts'
import type { Entry, Store, StoreError } from './store.ts'

/** The store as a list of what has happened: the model that the real one is compared with. */
interface Past {
  name: string
  revision: number
  deleted: boolean
}

const name = fc.constantFrom('a', 'b', 'c', 'd')
const write = fc.record({
  verb: fc.constantFrom('create', 'update', 'delete'),
  name,
  stale: fc.boolean(),
  volatile: fc.boolean(),
})
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never
/** Writes made in one turn, then perhaps a restart or a compaction some way back, then a look at everything. */
const round = fc.record({
  writes: fc.array(write, { maxLength: 12 }),
  restart: fc.boolean(),
  compact: fc.option(fc.nat(8), { nil: undefined }),
  back: fc.nat(20),
})

test('the store behaves as a list of everything that has happened', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { maxLength: 6 }), fc.boolean(), async (rounds, keepHistory) => {
      using directory = temporaryDirectory()
      const config = keepHistory ? {} : { historyLimits: { age: 0, bytes: 0 } }
      const past: Past[] = []
      let store = await openStore(directory.path, config)
      try {
        const live = collector()
        await store.watch(prefix, 0, live).replayed
        for (const { writes, restart, compact, back } of rounds) {
          await writeAll(store, past, writes)
          if (compact !== undefined) await store.compact(store.revision - compact)
          if (restart) {
            await store[Symbol.asyncDispose]()
            store = await openStore(directory.path, config)
          }
          await look(store, past, { at: Math.max(store.compacted, store.revision - back), keepHistory })
        }
        expect(live.seen).toEqual(eventsAfter(past, 0).slice(0, live.seen.length))
      } finally {
        await store[Symbol.asyncDispose]()
      }
    }),
    { numRuns: 15 },
  )
}, 60_000)

/** Makes the writes without waiting in between and checks each outcome; the model knows every revision beforehand. */
async function writeAll(store: Store, past: Past[], writes: Write[]): Promise<void> {
  let revision = store.revision
  const expected: (number | string)[] = []
  const made: Promise<Entry>[] = []
  for (const { verb, name, stale, volatile } of writes) {
    const current = past.findLast(p => p.name === name && !isGone(past, p))
    const wanted = stale ? -1 : (current?.revision ?? 0)
    const object = configMap(name, String(revision + 1))
    if (verb === 'create') made.push(store.create(keyOf(name), object, { volatile }))
    else if (verb === 'update') made.push(store.update(keyOf(name), wanted, object, { volatile }))
    else made.push(store.delete(keyOf(name), wanted, object, { volatile }))
    const refused = verb === 'create' ? current && 'alreadyExists' : current ? stale && 'conflict' : 'notFound'
    expected.push(refused || ++revision)
    if (!refused) past.push({ name, revision, deleted: verb === 'delete' })
  }
  const outcomes = await Promise.allSettled(made)
  expect(outcomes.map(o => (o.status === 'fulfilled' ? o.value.revision : (o.reason as StoreError).code))).toEqual(
    expected,
  )
  expect(store.revision).toBe(revision)
}

async function look(
  store: Store,
  past: Past[],
  { at, keepHistory }: { at: number; keepHistory: boolean },
): Promise<void> {
  const alive = (revision: number) =>
    ['a', 'b', 'c', 'd'].flatMap(name => {
      const newest = past.findLast(p => p.name === name && p.revision <= revision)
      return newest && !newest.deleted ? [{ name, value: String(newest.revision) }] : []
    })
  const short = (entries: Entry[]) =>
    entries.map(({ object }) => ({
      name: object.metadata.name,
      value: (object as ReturnType<typeof configMap>).data.value,
    }))

  expect(short((await store.list(prefix)).entries)).toEqual(alive(store.revision))
  expect(store.count(prefix)).toBe(alive(store.revision).length)
  const then = await store.list(prefix, { revision: at, after: keyOf('a'), limit: 1 })
  const rest = alive(at).filter(({ name }) => name > 'a')
  expect(then.revision).toBe(at)
  expect(short(then.entries)).toEqual(rest.slice(0, 1))
  expect(then.remaining).toBe(Math.max(rest.length - 1, 0))

  const watcher = collector()
  using watch = store.watch(prefix, at, watcher)
  await watch.replayed
  expect(watcher.seen).toEqual(eventsAfter(past, at))
  if (!keepHistory) return
  const history = await store.history(keyOf('a'))
  const expected = past.filter(p => p.name === 'a').reverse()
  expect(history.map(({ revision, deleted }) => ({ revision, deleted }))).toEqual(
    expected.map(({ revision, deleted }) => ({ revision, deleted })),
  )
}

function eventsAfter(past: Past[], at: number): string[] {
  return past
    .filter(({ revision }) => revision > at)
    .map(({ name, revision, deleted }) => {
      const before = past.findLast(p => p.name === name && p.revision < revision)
      return `${deleted ? 'delete' : 'put'} ${name} ${revision}${before && !before.deleted ? ` ${before.revision}` : ''}`
    })
}

function isGone(past: Past[], { name, revision, deleted }: Past): boolean {
  return deleted || past.some(p => p.name === name && p.deleted && p.revision > revision)
}
