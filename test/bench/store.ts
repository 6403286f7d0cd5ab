import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../../main/store/create-store.ts'
import type { Store } from '../../main/store/store.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import { silent } from '../../shared/machinery/log.ts'
import type { Row } from './measure.ts'

const prefix = '/core/pods/'
const padding = 'x'.repeat(1400)
const clock: Clock = {
  now: () => Date.now(),
  setTimeout: () => {
    throw new Error('the store sets no timers')
  },
}

/** Measures the store on a database of its own under the system's temporary directory, with objects of about 2 kB. */
export async function benchStore(): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-bench-'))
  try {
    const rows: Row[] = []
    const add = (name: string, value: number, unit: string) => rows.push({ name, value, unit })
    await benchWrites(directory, add)
    const opening = performance.now()
    await using store = await createStore({ directory, log: silent, clock })
    add('store: open with 100,000 objects', performance.now() - opening, 'ms')
    await benchReads(store, add)
    await benchWatch(store, add)
    return rows
  } finally {
    await rm(directory, { recursive: true })
  }
}

type Add = (name: string, value: number, unit: string) => void

async function benchWrites(directory: string, add: Add): Promise<void> {
  await using store = await createStore({ directory, log: silent, clock })
  add('store: durable creates, 1 writer', await createsPerSecond(store, { first: 0, count: 2000, writers: 1 }), '/s')
  add(
    'store: durable creates, 64 writers',
    await createsPerSecond(store, { first: 2000, count: 8000, writers: 64 }),
    '/s',
  )
  add('store: RSS with 10,000 objects', rss(), 'MB')
  add(
    'store: creates, 1,000 writers',
    await createsPerSecond(store, { first: 10_000, count: 90_000, writers: 1000 }),
    '/s',
  )
  add('store: RSS with 100,000 objects', rss(), 'MB')
}

async function createsPerSecond(store: Store, run: { first: number; count: number; writers: number }): Promise<number> {
  let next = run.first
  const end = run.first + run.count
  const start = performance.now()
  const writer = async () => {
    for (let i; (i = next++) < end;) await store.create(keyOf(i), pod(i))
  }
  await Promise.all(Array.from({ length: run.writers }, writer))
  return (run.count / (performance.now() - start)) * 1000
}

async function benchReads(store: Store, add: Add): Promise<void> {
  const gets = 1_000_000
  let start = performance.now()
  let bytes = 0
  for (let i = 0; i < gets; i++) bytes += store.get(keyOf((i * 7919) % 100_000))?.bytes.length ?? 0
  add('store: gets of 100,000', (gets / (performance.now() - start)) * 1000, '/s')
  if (bytes < gets * 1000) throw new Error('gets have missed')

  start = performance.now()
  for (let i = 0; i < 100; i++) await store.list(prefix, { limit: 10_000, after: keyOf(40_000) })
  add('store: list of 10,000, bytes', (performance.now() - start) / 100, 'ms')

  start = performance.now()
  for (const { object } of (await store.list(prefix, { limit: 10_000, after: keyOf(40_000) })).entries)
    bytes += object.metadata.name.length
  add('store: list of 10,000, parsing all of them', performance.now() - start, 'ms')

  start = performance.now()
  let pages = 0
  for (let after: string | undefined; ; pages++) {
    const page = await store.list(prefix, { limit: 500, ...(after !== undefined && { after }) })
    after = page.entries.at(-1)?.key
    if (page.remaining === 0) break
  }
  add('store: a page of 500 out of 100,000', (performance.now() - start) / pages, 'ms')

  const at = store.revision
  await store.create(keyOf(100_000), pod(100_000))
  start = performance.now()
  await store.list(prefix, { limit: 500, after: keyOf(40_000), revision: at })
  add('store: a page of 500 out of 100,000 at an older revision', performance.now() - start, 'ms')
}

async function benchWatch(store: Store, add: Add): Promise<void> {
  const watchers = 1000
  const events = 1000
  let delivered = 0
  const all = Promise.withResolvers<undefined>()
  const event = () => {
    if (++delivered === watchers * events) all.resolve(undefined)
  }
  const closed = (reason: string) => all.reject(new Error(reason))
  const watches = Array.from({ length: watchers }, () => store.watch(prefix, store.revision, { event, closed }))
  const start = performance.now()
  await createsPerSecond(store, { first: 200_000, count: events, writers: 64 })
  await all.promise
  add('store: events to 1,000 watchers', (delivered / (performance.now() - start)) * 1000, '/s')
  for (const watch of watches) watch[Symbol.dispose]()
}

function rss(): number {
  return process.memoryUsage().rss / 2 ** 20
}

function keyOf(i: number): string {
  return `${prefix}default/pod-${String(i).padStart(6, '0')}`
}

/** About 2 kB and some sixty values: the size of a small running pod. */
function pod(i: number): KubeObject & { spec: unknown; status: unknown } {
  const name = `pod-${String(i).padStart(6, '0')}`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      labels: { app: 'bench' },
    },
    spec: {
      nodeName: `node-${i % 100}`,
      containers: [{ name: 'main', image: 'registry.local/bench:1', env: [{ name: 'PADDING', value: padding }] }],
    },
    status: {
      phase: 'Running',
      conditions: ['Ready', 'Initialized', 'PodScheduled', 'ContainersReady'].map(type => ({ type, status: 'True' })),
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
    },
  }
}

if (import.meta.main) {
  for (const { name, value, unit } of await benchStore())
    console.log(`${name}: ${value.toFixed(value < 100 ? 2 : 0)} ${unit}`)
}
