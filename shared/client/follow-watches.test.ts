import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { configMaps, pods, secrets } from '../api/core.ts'
import type { KubeObject } from '../api/object.ts'
import type { ResourceRef } from '../api/ref.ts'
import { silent } from '../machinery/log.ts'
import { internalError } from '../machinery/status.ts'
import type { ApiTransport } from './client.ts'
import type { ControllerWatch } from './controller.ts'
import { createClient } from './create-client.ts'
import { createInformers } from './create-informers.ts'
import { followWatches } from './follow-watches.ts'
import { each } from './watches.ts'

/** A server with one object of each kind; kinds in `broken` can't be listed. */
function setUp(broken: Set<string>) {
  const transport: ApiTransport = {
    async request<T>({ path }: { path: string }) {
      const resource = path.slice(path.lastIndexOf('/') + 1)
      if (broken.has(resource)) throw internalError('down')
      const items = [{ metadata: { name: `a-${resource}`, namespace: 'default', uid: resource, resourceVersion: '1' } }]
      return { metadata: { resourceVersion: '1' }, items } as T
    },
    async *watch({ signal }) {
      yield* []
      await new Promise(resolve => signal?.addEventListener('abort', resolve))
    },
    bytes: () => {
      throw new Error('not part of this')
    },
  }
  const clock = createFakeClock()
  const informers = createInformers({ client: createClient(transport), log: silent, clock, random: () => 0 })
  const seen: string[] = []
  const changed = (_: ControllerWatch, { now }: { now?: KubeObject }) => seen.push(now?.metadata.name ?? '')
  return { clock, informers, seen, dependencies: { clock, informers, changed } }
}

function live(...refs: ResourceRef[]) {
  let current = refs
  let tell: (() => void) | undefined
  return {
    current: () => current.map(ref => each(ref)),
    subscribe(changed: () => void) {
      tell = changed
      return { [Symbol.dispose]: () => (tell = undefined) }
    },
    set(...changed: ResourceRef[]) {
      current = changed
      tell?.()
    },
    get isFollowed() {
      return tell !== undefined
    },
  }
}

test('an array is told of when all of it is synced, however long that takes', async () => {
  const broken = new Set(['secrets'])
  const { clock, informers, seen, dependencies } = setUp(broken)
  await using _ = informers
  using _following = followWatches([each(configMaps), each(secrets)], dependencies)
  await clock.advance(120_000)
  expect(seen).toEqual([])
  broken.clear()
  await clock.advance(30_000)
  expect(seen.sort()).toEqual(['a-configmaps', 'a-secrets'])
})

test('a kind that comes and goes does not hold up the others for more than 30 s and is told of when it is synced', async () => {
  const broken = new Set(['secrets'])
  const { clock, informers, seen, dependencies } = setUp(broken)
  await using _ = informers
  using _following = followWatches(live(configMaps, secrets), dependencies)
  await clock.advance(29_999)
  expect(seen).toEqual([])
  await clock.advance(1)
  expect(seen).toEqual(['a-configmaps'])
  broken.clear()
  await clock.advance(60_000)
  expect(seen).toEqual(['a-configmaps', 'a-secrets'])
})

test('kinds are followed from when they come until they go', async () => {
  const { clock, informers, seen, dependencies } = setUp(new Set())
  await using _ = informers
  const kinds = live(configMaps)
  const following = followWatches(kinds, dependencies)
  await clock.advance(0)
  kinds.set(configMaps, pods)
  await clock.advance(0)
  expect(seen).toEqual(['a-configmaps', 'a-pods'])
  kinds.set(pods)
  await informers.stop(configMaps)
  kinds.set(pods, configMaps)
  await clock.advance(0)
  expect(seen).toEqual(['a-configmaps', 'a-pods', 'a-configmaps'])
  following[Symbol.dispose]()
  expect(kinds.isFollowed).toBe(false)
})
