import { computed, type ComputedRef } from 'vue'
import { deployments, replicaSets, type Deployment, type ReplicaSet } from '../../shared/api/apps.ts'
import {
  events,
  namespaces,
  nodes,
  pods,
  services,
  type KubeEvent,
  type Namespace,
  type Node,
  type Pod,
  type Service,
} from '../../shared/api/core.ts'
import { endpointSlices, type EndpointSlice } from '../../shared/api/discovery.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import type { StatusContext } from '../status/status.ts'
import type { LiveList } from './live-list.ts'
import type { LiveLists } from './live-lists.ts'

/** The kinds whose states depend on each other and that the sidebar and the overview always show; watched throughout. */
export interface ClusterModel {
  pods: LiveList<Pod>
  deployments: LiveList<Deployment>
  replicaSets: LiveList<ReplicaSet>
  services: LiveList<Service>
  endpointSlices: LiveList<EndpointSlice>
  nodes: LiveList<Node>
  namespaces: LiveList<Namespace>
  events: LiveList<KubeEvent>
  /** The lookups that states need; a new value whenever one of the lists changed. `now` is that of the lookup. */
  context: ComputedRef<Omit<StatusContext, 'now'>>
  /** Pods as the endpoints of a Service know them, and events about an object by its uid. */
  eventsOf: ComputedRef<ReadonlyMap<string, readonly KubeEvent[]>>
}

export function createClusterModel(lists: LiveLists): ClusterModel {
  const watched = {
    pods: lists.use(pods).list,
    deployments: lists.use(deployments).list,
    replicaSets: lists.use(replicaSets).list,
    services: lists.use(services).list,
    endpointSlices: lists.use(endpointSlices).list,
    nodes: lists.use(nodes).list,
    namespaces: lists.use(namespaces).list,
    events: lists.use(events).list,
  }
  const children = computed(() => {
    const owned: readonly KubeObject[] = [...objects(watched.pods), ...objects(watched.replicaSets)]
    return groupBy(owned, object => object.metadata.ownerReferences?.find(owner => owner.controller)?.uid)
  })
  const endpoints = computed(() => {
    const byService = groupBy(objects(watched.endpointSlices), slice => {
      const service = slice.metadata.labels?.['kubernetes.io/service-name']
      return service && `${slice.metadata.namespace ?? ''}/${service}`
    })
    return new Map([...byService].map(([service, slices]) => [service, countEndpoints(slices)]))
  })
  const context = computed<Omit<StatusContext, 'now'>>(() => {
    const [byOwner, byService] = [children.value, endpoints.value]
    const known = watched.endpointSlices.state.value.state !== 'loading'
    const none = known ? { ready: 0, total: 0 } : undefined
    return {
      children: uid => byOwner.get(uid) ?? [],
      endpoints: (namespace, service) => byService.get(`${namespace}/${service}`) ?? none,
    }
  })
  const eventsOf = computed(() => groupBy(objects(watched.events), event => event.involvedObject.uid))
  return { ...watched, context, eventsOf }
}

/** The objects of a list's rows. */
export function objects<T extends KubeObject>(list: LiveList<T>): T[] {
  return list.rows.value.map(row => row.object)
}

function countEndpoints(slices: readonly EndpointSlice[]): { ready: number; total: number } {
  // One address stands in one slice per family: count it once, by what it points at.
  const seen = new Map<string, boolean>()
  for (const slice of slices) {
    for (const endpoint of slice.endpoints ?? []) {
      const key = endpoint.targetRef?.uid ?? endpoint.addresses[0] ?? ''
      // An unknown readiness counts as ready (discovery/v1 EndpointConditions).
      seen.set(key, seen.get(key) === true || endpoint.conditions?.ready !== false)
    }
  }
  return { ready: [...seen.values()].filter(Boolean).length, total: seen.size }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
