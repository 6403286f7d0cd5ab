import { apiServices, type APIService } from '../../../shared/api/apiregistration.ts'
import { services } from '../../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../../shared/api/discovery.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { pathOf } from '../../../shared/api/ref.ts'
import type { ApiTransport } from '../../../shared/client/client.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { isConflict, isNotFound } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import { prefixOf } from '../registry/key.ts'
import type { RequestContext, ServerResponse } from '../request.ts'
import { checkAvailability, isAvailable, serviceNameOf, withAvailability } from './availability.ts'
import { createRemoteApis, type RemoteApis } from './remote-apis.ts'
import { discoveredResources, type DiscoveredResource } from './remote-resources.ts'
import { unavailable, type RemoteServers } from './remote-server.ts'

/** A group version that another server answers for, as discovery tells of it. */
interface RemoteVersion {
  readonly group: string
  readonly version: string
  readonly groupPriority: number
  readonly versionPriority: number
  readonly freshness: 'Current' | 'Stale'
  /** None while the server can't be asked. */
  readonly resources: readonly DiscoveredResource[]
}

/** APIs of other servers, served through this one (kube-aggregator). */
export interface Aggregation extends Disposable {
  /** Passes a request on if another server answers for its group and version; else undefined. */
  answer(context: RequestContext, at: { group: string; version: string }): Promise<ServerResponse> | undefined
  /** Best priority first. */
  versions(): readonly RemoteVersion[]
  /** Grows with every change of the versions. */
  readonly generation: number
}

interface Options {
  store: Store
  servers: RemoteServers
  /** Writes conditions. */
  transport: () => ApiTransport
  clock: Clock
  log: Logger
}

/** How long a server has to answer, and how long until one is asked again that no event tells of (upstream's numbers). */
const answerWithin = 5_000
const recheckAfter = 30_000
const firstRetry = 250

/** What is known of one API. */
interface Watched {
  resources: readonly DiscoveredResource[]
  /** Set while it is being checked; true: something has changed meanwhile. */
  checking: boolean | undefined
  failures: number
  timer: Disposable | undefined
}

export function createAggregation({ store, servers, transport, clock, log }: Options): Aggregation {
  const remotes = createRemoteApis(store)
  const watched = new Map<string, Watched>()
  const stop = new AbortController()
  let generation = 0

  const look = (name: string) => {
    const state = watched.get(name) ?? { resources: [], checking: undefined, failures: 0, timer: undefined }
    watched.set(name, state)
    if (state.checking !== undefined) {
      state.checking = true
      return
    }
    state.checking = false
    state.timer?.[Symbol.dispose]()
    void check(name, state).finally(() => {
      const again = state.checking === true
      state.checking = undefined
      if (!again || stop.signal.aborted) return
      look(name)
    })
  }
  async function check(name: string, state: Watched): Promise<void> {
    const api = named(remotes, name)
    if (!api) {
      watched.delete(name)
      generation++
      return
    }
    const late = new AbortController()
    using _deadline = clock.setTimeout(() => late.abort(), answerWithin)
    const signal = AbortSignal.any([stop.signal, late.signal])
    const { document, ...availability } = await checkAvailability(api, { store, servers, signal })
    if (stop.signal.aborted) return
    const { group = '', version = '' } = api.spec
    const resources = document === undefined ? [] : discoveredResources(document, { group, version })
    const conditions = withAvailability(api, availability, clock.now())
    if (conditions || JSON.stringify(resources) !== JSON.stringify(state.resources)) generation++
    state.resources = resources
    state.failures = availability.status === 'True' ? 0 : state.failures + 1
    if (conditions) await write(api, conditions)
    // What depends on objects is told by their events; only the answer of the server itself is not.
    const asked = availability.reason === 'Passed' || availability.reason === 'FailedDiscoveryCheck'
    if (asked) state.timer = clock.setTimeout(() => look(name), delayAfter(state.failures))
  }
  async function write(api: APIService, conditions: NonNullable<APIService['status']>['conditions']): Promise<void> {
    const path = pathOf(apiServices, { name: api.metadata.name, subresource: 'status' })
    try {
      await transport().request({ method: 'PUT', path, body: { ...api, status: { ...api.status, conditions } } })
    } catch (error) {
      // Its next event brings it here again.
      if (!isConflict(error) && !isNotFound(error)) log.error('Writing the status of an APIService failed', { error })
    }
  }

  remotes.onChange(name => {
    generation++
    look(name)
  })
  const lookAt = ({ namespace = '' }: KubeObject['metadata'], service: string | undefined) => {
    for (const { metadata, spec } of remotes.all())
      if (spec.service?.namespace === namespace && spec.service.name === service) look(metadata.name)
  }
  const watch = (prefix: string, serviceOf: (object: KubeObject) => string | undefined) =>
    store.watch(prefix, store.revision, {
      event: ({ entry: { object } }) => lookAt(object.metadata, serviceOf(object)),
      closed() {},
    })
  const watches = [
    watch(prefixOf(services), ({ metadata }) => metadata.name),
    watch(prefixOf(endpointSlices), object => serviceNameOf(object as EndpointSlice)),
  ]

  return {
    answer({ request, user }, at) {
      const api = remotes.find(at)
      if (!api) return undefined
      return isAvailable(api) ? servers.proxy(api, request, user) : Promise.resolve(unavailable())
    },
    versions: () =>
      remotes
        .all()
        .map(api => versionOf(api, watched.get(api.metadata.name)?.resources ?? []))
        .sort(byPriority),
    get generation() {
      return generation
    },
    [Symbol.dispose]() {
      stop.abort()
      remotes[Symbol.dispose]()
      for (const each of watches) each[Symbol.dispose]()
      for (const { timer } of watched.values()) timer?.[Symbol.dispose]()
    },
  }
}

const delayAfter = (failures: number) =>
  failures === 0 ? recheckAfter : Math.min(recheckAfter, firstRetry * 2 ** Math.min(failures - 1, 10))

function named(remotes: RemoteApis, name: string): APIService | undefined {
  return remotes.all().find(({ metadata }) => metadata.name === name)
}

function versionOf(api: APIService, resources: readonly DiscoveredResource[]): RemoteVersion {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = api.spec
  const freshness = isAvailable(api) ? 'Current' : 'Stale'
  return {
    group,
    version,
    groupPriority: groupPriorityMinimum,
    versionPriority,
    freshness,
    resources: freshness === 'Current' ? resources : [],
  }
}

function byPriority(a: RemoteVersion, b: RemoteVersion): number {
  return b.groupPriority - a.groupPriority || b.versionPriority - a.versionPriority
}
