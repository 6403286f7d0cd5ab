import { inject, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import type { ApiTransport, Client } from '../shared/client/client.ts'
import { createClient } from '../shared/client/create-client.ts'
import type { Host, HostStatus } from '../shared/contract/host.ts'
import type { ResourceRef } from '../shared/api/ref.ts'
import { createApiTransport } from './api-transport.ts'
import type { Link } from './link.ts'
import { createClusterModel, type ClusterModel } from './live/cluster-model.ts'
import { discover, type Kind } from './live/discovery.ts'
import { wait } from './live/wait.ts'
import { createLiveLists, type LiveLists } from './live/live-lists.ts'

/** Everything the window knows of the cluster it shows. */
export interface Session {
  link: Link
  host: Host
  transport: ApiTransport
  client: Client
  lists: LiveLists
  model: ClusterModel
  /** What the server serves; empty until discovery has answered. */
  kinds: Readonly<ShallowRef<readonly Kind[]>>
  status: Readonly<ShallowRef<HostStatus | undefined>>
  /** Milliseconds that the last look at the API's latency took. */
  latency: Readonly<ShallowRef<number | undefined>>
}

export const sessionKey: InjectionKey<Session> = Symbol('session')

/** The session of the window; components can't exist without it. */
export function useSession(): Session {
  const session = inject(sessionKey)
  if (!session) throw new Error('no session was provided')
  return session
}

/** Typed access to the cluster's API. */
export function useClient(): Client {
  return useSession().client
}

const crds: ResourceRef = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}

export function createSession(link: Link): Session {
  const { host } = link
  const latency = shallowRef<number>()
  const status = shallowRef<HostStatus>()
  const kinds = shallowRef<readonly Kind[]>([])

  const transport = createApiTransport(host)
  const client = createClient(transport)
  const lists = createLiveLists({
    transport,
    host,
    opened: link.opened,
    now: Date.now,
    // Frames stop in a hidden window; its lists must not, or they would arrive all at once.
    onFrame: fn => {
      if (document.hidden) setTimeout(fn, 250)
      else requestAnimationFrame(fn)
    },
    wait,
  })
  const model = createClusterModel(lists)

  async function followStatus(): Promise<void> {
    for (;;) {
      try {
        await link.opened()
        for await (const now of host.watchStatus()) {
          status.value = now
          void measureLatency()
        }
      } catch {
        // The link says what is wrong; this only has to come back with it.
      }
      await wait(1_000)
    }
  }

  let measuring = false
  /**
   * Once for every beat of the engine's status, a second later: what a page that opens asks for is over by then, or the
   * number would be that of a queue.
   */
  async function measureLatency(): Promise<void> {
    if (measuring) return
    measuring = true
    await wait(1_000)
    const start = performance.now()
    try {
      await transport.request({ method: 'GET', path: '/version' })
      latency.value = performance.now() - start
    } catch {
      latency.value = undefined
    }
    measuring = false
  }

  async function followKinds(): Promise<void> {
    for (;;) {
      try {
        await link.opened()
        const found = await discover(transport)
        kinds.value = found
        if (!found.some(kind => kind.ref.resource === crds.resource)) return
        const { metadata } = await client.list(crds, { limit: 1 })
        const abort = new AbortController()
        for await (const _ of client.watch(crds, { resourceVersion: metadata.resourceVersion, signal: abort.signal }))
          break
        abort.abort()
      } catch {
        await wait(2_000)
      }
    }
  }
  void followStatus()
  void followKinds()

  return { link, host, transport, client, lists, model, kinds, status, latency }
}
