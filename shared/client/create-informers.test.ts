import { afterEach, expect, test } from 'vitest'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { configMaps, pods, type ConfigMap } from '../api/core.ts'
import type { KubeList, WatchEvent } from '../api/object.ts'
import { silent } from '../machinery/log.ts'
import { expired, internalError } from '../machinery/status.ts'
import type { ApiTransport } from './client.ts'
import { createClient } from './create-client.ts'
import { createInformers } from './create-informers.ts'

const configMap = (
  name: string,
  resourceVersion: number,
  extra: { uid?: string; data?: Record<string, string> } = {},
) =>
  ({
    metadata: { name, namespace: 'default', uid: extra.uid ?? name, resourceVersion: String(resourceVersion) },
    data: extra.data ?? {},
  }) satisfies ConfigMap

/** One connection of the server: what a list answers, or the events of a watch and how it ends. */
type Answer =
  { list: ConfigMap[]; at: number } | { events: WatchEvent<ConfigMap>[]; then: 'end' | 'stay' | Error } | Error

/** A server that plays a script; `asked` tells what was requested. */
function scripted(answers: Answer[]) {
  const asked: string[] = []
  const next = () => answers.shift() ?? new Error('the script is over')
  const transport: ApiTransport = {
    async request<T>() {
      asked.push('list')
      const answer = next()
      if (!('list' in answer)) throw answer instanceof Error ? answer : new Error('asked for a list out of turn')
      const list: KubeList<ConfigMap> = { metadata: { resourceVersion: String(answer.at) }, items: answer.list }
      return list as T
    },
    async *watch<T>(request: { query?: Record<string, string | string[]>; signal?: AbortSignal }) {
      asked.push(`watch ${String(request.query?.['resourceVersion'])}`)
      const answer = next()
      if (!('events' in answer)) throw answer instanceof Error ? answer : new Error('asked for a watch out of turn')
      yield* answer.events as T[]
      if (answer.then instanceof Error) throw answer.then
      if (answer.then === 'stay') await new Promise(resolve => request.signal?.addEventListener('abort', resolve))
    },
    bytes: () => {
      throw new Error('not part of this')
    },
  }
  return { transport, asked }
}

let open: AsyncDisposable | undefined
afterEach(() => open?.[Symbol.asyncDispose]())

function follow(answers: Answer[], random = () => 0) {
  const { transport, asked } = scripted(answers)
  const clock = createFakeClock()
  const informers = createInformers({ client: createClient(transport), log: silent, clock, random })
  open = informers
  const informer = informers.informer(configMaps)
  const seen: string[] = []
  informer.on({
    added: o => seen.push(`+${o.metadata.name}`),
    updated: o => seen.push(`~${o.metadata.name}`),
    deleted: o => seen.push(`-${o.metadata.name}`),
  })
  return { informer, seen, asked, clock }
}

test('lists, then follows the watch from the revision of the list', async () => {
  const { informer, seen, asked, clock } = follow([
    { list: [configMap('a', 1), configMap('b', 2), configMap('d', 3)], at: 5 },
    {
      events: [
        { type: 'ADDED', object: configMap('c', 6) },
        { type: 'MODIFIED', object: configMap('a', 7, { data: { k: 'v' } }) },
        { type: 'DELETED', object: configMap('b', 8) },
      ],
      then: 'stay',
    },
  ])
  await informer.synced
  await clock.advance(0)
  expect(seen).toEqual(['+a', '+b', '+d', '+c', '~a', '-b'])
  expect(asked).toEqual(['list', 'watch 5'])
  expect(informer.get({ namespace: 'default', name: 'a' })?.data).toEqual({ k: 'v' })
  expect(informer.get({ namespace: 'default', name: 'd' })).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
})

test('resumes an ended watch from the last revision, bookmarks included', async () => {
  const { asked, clock, informer } = follow([
    { list: [], at: 5 },
    { events: [{ type: 'BOOKMARK', object: configMap('', 40) }], then: 'end' },
    { events: [], then: 'stay' },
  ])
  await informer.synced
  await clock.advance(0)
  expect(asked).toEqual(['list', 'watch 5', 'watch 40'])
})

test('an expired revision lists anew and tells only the difference, missed deletions too', async () => {
  const gone = { type: 'ERROR', object: expired('too old resource version').status } as const
  const { seen, asked, clock, informer } = follow([
    { list: [configMap('kept', 1), configMap('lost', 2), configMap('again', 3)], at: 5 },
    { events: [gone], then: 'end' },
    { list: [configMap('kept', 1), configMap('again', 9, { uid: 'other' }), configMap('new', 8)], at: 10 },
    { events: [], then: 'stay' },
  ])
  await informer.synced
  await clock.advance(0)
  expect(asked).toEqual(['list', 'watch 5', 'list', 'watch 10'])
  expect(seen.slice(3)).toEqual(['-lost', '-again', '+again', '+new'])
})

test('backs off from 0.8 s and gives up on nothing', async () => {
  const down = internalError('down')
  const { asked, clock, informer } = follow([down, down, down, { list: [], at: 1 }, { events: [], then: 'stay' }])
  await clock.advance(799)
  expect(asked.length).toBe(1)
  await clock.advance(1)
  expect(asked.length).toBe(2)
  await clock.advance(1599)
  expect(asked.length).toBe(2)
  await clock.advance(1)
  expect(asked.length).toBe(3)
  await clock.advance(3200)
  await informer.synced
})

test('a server that closes every watch at once is not asked in a tight loop', async () => {
  const { asked, clock } = follow([
    { list: [], at: 1 },
    ...Array.from({ length: 50 }, () => ({ events: [], then: 'end' as const })),
  ])
  await clock.advance(60_000)
  expect(asked.length).toBeGreaterThan(3)
  expect(asked.length).toBeLessThan(10)
})

test('a failing handler does not disturb the others, and late ones first see what is known', async () => {
  const { informer, seen, clock } = follow([
    { list: [configMap('a', 1)], at: 1 },
    { events: [], then: 'stay' },
  ])
  informer.on({
    added() {
      throw new Error('a bug in a handler')
    },
  })
  await informer.synced
  const late: string[] = []
  using _ = informer.on({ added: o => late.push(o.metadata.name) })
  await clock.advance(0)
  expect(seen).toEqual(['+a'])
  expect(late).toEqual(['a'])
})

test('finds objects by namespace, by owner and by an index added later', async () => {
  const owned = {
    ...configMap('owned', 2),
    metadata: {
      ...configMap('owned', 2).metadata,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u1' }],
    },
  }
  const { informer } = follow([
    { list: [configMap('a', 1, { data: { colour: 'red' } }), owned], at: 2 },
    { events: [], then: 'stay' },
  ])
  await informer.synced
  informer.index('colour', o => (o.data?.['colour'] ? [o.data['colour']] : []))
  const names = (found: ConfigMap[]) => found.map(o => o.metadata.name)
  expect(names(informer.by('owner-uid', 'u1'))).toEqual(['owned'])
  expect(names(informer.by('colour', 'red'))).toEqual(['a'])
  expect(names(informer.list('default'))).toEqual(['a', 'owned'])
  expect(informer.list('elsewhere')).toEqual([])
})

test('a writer can wait until its write is in the copy', async () => {
  const { informer, clock } = follow([
    { list: [configMap('a', 1)], at: 5 },
    { events: [{ type: 'ADDED', object: configMap('b', 6) }], then: 'end' },
    { events: [{ type: 'DELETED', object: configMap('b', 9) }], then: 'stay' },
  ])
  const { signal } = new AbortController()
  await informer.reached('6', signal)
  await informer.until(() => !informer.get({ namespace: 'default', name: 'b' }), signal)
  await informer.reached('8', signal)
  const stop = new AbortController()
  const never = expect(informer.reached('10', stop.signal)).rejects.toThrow()
  await clock.advance(0)
  stop.abort()
  await never
})

test('an HTTP 410 on the watch lists anew at once; if that goes on, with back-off', async () => {
  const gone = expired('too old resource version')
  const { asked, clock, informer } = follow([
    { list: [configMap('a', 1)], at: 5 },
    gone,
    { list: [configMap('a', 1)], at: 6 },
    gone,
    { list: [configMap('b', 7)], at: 7 },
    { events: [], then: 'stay' },
  ])
  await informer.synced
  await clock.advance(0)
  expect(asked).toEqual(['list', 'watch 5', 'list', 'watch 6'])
  await clock.advance(1600)
  expect(asked.slice(4)).toEqual(['list', 'watch 7'])
  expect(informer.list().map(each => each.metadata.name)).toEqual(['b'])
})

test('an event that comes twice is told once', async () => {
  const twice = { type: 'MODIFIED', object: configMap('a', 6, { data: { k: 'v' } }) } as const
  const deleted = { type: 'DELETED', object: configMap('a', 7) } as const
  const { seen, clock, informer } = follow([
    { list: [configMap('a', 1)], at: 5 },
    { events: [twice, twice, deleted, deleted], then: 'stay' },
  ])
  await informer.synced
  await clock.advance(0)
  expect(seen).toEqual(['+a', '~a', '-a'])
})

test('the back-off is longer by chance, up to twice, and never more than 30 s', async () => {
  const down = internalError('down')
  const { asked, clock } = follow(
    Array.from({ length: 20 }, () => down),
    () => 0.5,
  )
  await clock.advance(1199)
  expect(asked.length).toBe(1)
  await clock.advance(1)
  expect(asked.length).toBe(2)
  await clock.advance(120_000)
  const before = asked.length
  await clock.advance(30_000)
  expect(asked.length).toBe(before + 1)
})

test('disposal ends a list that is under way and a back-off, and nothing is asked for afterwards', async () => {
  const asked: string[] = []
  const pending = (signal: AbortSignal | undefined) =>
    new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
  const transport: ApiTransport = {
    request({ path, signal }) {
      asked.push(path)
      return path.endsWith('/pods') ? Promise.reject(internalError('down')) : pending(signal)
    },
    watch: () => {
      throw new Error('not reached')
    },
    bytes: () => {
      throw new Error('not part of this')
    },
  }
  const clock = createFakeClock()
  const informers = createInformers({ client: createClient(transport), log: silent, clock, random: () => 0 })
  informers.informer(configMaps)
  informers.informer(pods)
  await clock.advance(0)
  expect(clock.pending).toBe(1)
  await informers[Symbol.asyncDispose]()
  expect(clock.pending).toBe(0)
  await clock.advance(60_000)
  expect(asked).toEqual(['/api/v1/configmaps', '/api/v1/pods'])
})

test('a stopped informer asks for nothing more; whoever asks for the kind again gets another one', async () => {
  const { transport, asked } = scripted([
    { list: [configMap('a', 1)], at: 5 },
    { events: [], then: 'stay' },
    { list: [], at: 9 },
    { events: [], then: 'stay' },
  ])
  const clock = createFakeClock()
  await using informers = createInformers({ client: createClient(transport), log: silent, clock, random: () => 0 })
  const first = informers.informer(configMaps)
  await first.synced
  await clock.advance(0)
  await informers.stop(configMaps)
  await clock.advance(600_000)
  expect(asked).toEqual(['list', 'watch 5'])
  const second = informers.informer(configMaps)
  await second.synced
  expect([first.list().length, second.list().length]).toEqual([1, 0])
})
