import { expect, test } from 'vitest'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { ConfigMap } from '../../../shared/api/core.ts'
import type { WatchEvent } from '../../../shared/api/object.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }

interface Watching extends AsyncDisposable {
  /** The next event, as `TYPE name`, or `end`. */
  next(): Promise<string>
  event(): Promise<WatchEvent | undefined>
}

function watch(s: TestServer, query: Record<string, string>, headers: Record<string, string> = {}): Watching {
  const controller = new AbortController()
  const events = s.admin.watch({
    method: 'GET',
    path: maps,
    query: { watch: '1', ...query },
    headers,
    signal: controller.signal,
  })
  const iterator = events[Symbol.asyncIterator]()
  const event = async () => {
    const { done, value } = await iterator.next()
    return done ? undefined : (value as WatchEvent)
  }
  return {
    event,
    async next() {
      const found = await event()
      if (!found) return 'end'
      return found.type === 'ERROR'
        ? `ERROR ${found.object.reason ?? ''}`
        : `${found.type} ${found.object.metadata.name}`
    },
    async [Symbol.asyncDispose]() {
      controller.abort()
      await iterator.return?.()
    },
  }
}

test('a watch from a revision sees every change after it, once and in order', async () => {
  await using s = await startServer()
  const { metadata } = await s.send<ConfigMap>('POST', maps, { metadata: { name: 'a' } })
  await s.send('POST', maps, { metadata: { name: 'b' } })
  await using w = watch(s, { resourceVersion: metadata.resourceVersion! })
  expect(await w.next()).toBe('ADDED b')
  await s.send('PATCH', `${maps}/a`, { data: { k: 'v' } }, merge)
  await s.send('DELETE', `${maps}/a`)
  expect(await w.next()).toBe('MODIFIED a')
  expect(await w.next()).toBe('DELETED a')
})

test('a watch without a revision begins with what there is', async () => {
  await using s = await startServer()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  await using w = watch(s, {})
  expect(await w.next()).toBe('ADDED a')
  await s.send('POST', maps, { metadata: { name: 'b' } })
  expect(await w.next()).toBe('ADDED b')
})

test('WatchList tells when the initial state is complete', async () => {
  await using s = await startServer()
  const { metadata } = await s.send<ConfigMap>('POST', maps, { metadata: { name: 'a' } })
  const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' }
  await using w = watch(s, query)
  expect(await w.next()).toBe('ADDED a')
  expect(await w.event()).toEqual({
    type: 'BOOKMARK',
    object: {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { resourceVersion: metadata.resourceVersion, annotations: { 'k8s.io/initial-events-end': 'true' } },
    },
  })
  await s.send('POST', maps, { metadata: { name: 'b' } })
  expect(await w.next()).toBe('ADDED b')
})

test('objects that come to match a selector are added, those that cease to are deleted', async () => {
  await using s = await startServer()
  const { metadata } = await s.send<ConfigMap>('POST', maps, { metadata: { name: 'a' } })
  await using w = watch(s, { resourceVersion: metadata.resourceVersion!, labelSelector: 'in=1' })
  const label = (value: string | null) =>
    s.send<ConfigMap>('PATCH', `${maps}/a`, { metadata: { labels: { in: value } } }, merge)
  await label('1')
  expect(await w.next()).toBe('ADDED a')
  const out = await label('2')
  const left = await w.event()
  // As it was when it last matched, at the revision at which it ceased to.
  expect(left).toMatchObject({
    type: 'DELETED',
    object: { metadata: { labels: { in: '1' }, resourceVersion: out.metadata.resourceVersion } },
  })
  await label('1')
  expect(await w.next()).toBe('ADDED a')
  await s.send('DELETE', `${maps}/a`)
  expect(await w.next()).toBe('DELETED a')
})

test('a revision that is gone ends the watch with Expired', async () => {
  await using s = await startServer()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  await s.store.compact(s.store.revision)
  await using w = watch(s, { resourceVersion: '1' })
  expect(await w.next()).toBe('ERROR Expired')
  expect(await w.next()).toBe('end')
})

test('bookmarks come with the minute and before the end', async () => {
  const clock = manualClock()
  await using s = await startServer({ clock })
  await using w = watch(s, {
    resourceVersion: String(s.store.revision),
    allowWatchBookmarks: 'true',
    timeoutSeconds: '90',
  })
  // Whatever has been delivered proves that the watch is live.
  await s.send('POST', maps, { metadata: { name: 'a' } })
  expect(await w.next()).toBe('ADDED a')
  clock.advance(60_000)
  expect(await w.event()).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { resourceVersion: String(s.store.revision) } },
  })
  clock.advance(30_000)
  expect(await w.event()).toMatchObject({ type: 'BOOKMARK' })
  expect(await w.next()).toBe('end')
})

test('a watch can be of tables; the first says what the columns are', async () => {
  await using s = await startServer()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  await s.send('POST', maps, { metadata: { name: 'b' } })
  await using w = watch(s, {}, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' })
  expect(await w.event()).toMatchObject({
    type: 'ADDED',
    object: {
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }],
      rows: [{ cells: ['a', 0, expect.any(String)] }],
    },
  })
  expect(await w.event()).toMatchObject({
    object: { columnDefinitions: [], rows: [{ cells: ['b', 0, expect.any(String)] }] },
  })
})

test('bad options are refused', async () => {
  await using s = await startServer()
  const error = await s.refused('GET', maps, undefined, { query: { watch: '1', sendInitialEvents: 'true' } })
  expect(error.message).toContain('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
})

function manualClock(): Clock & { advance(ms: number): void } {
  let now = Date.now()
  const timers = new Set<{ at: number; fn: () => void }>()
  return {
    now: () => now,
    setTimeout(fn, ms) {
      const timer = { at: now + ms, fn }
      timers.add(timer)
      return { [Symbol.dispose]: () => void timers.delete(timer) }
    },
    advance(ms) {
      now += ms
      for (const timer of [...timers]) {
        if (timer.at > now || !timers.delete(timer)) continue
        timer.fn()
      }
    },
  }
}
