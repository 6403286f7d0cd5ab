import { endpoints, services, type Endpoints, type Service } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { each } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { canonicalJson } from '../../../shared/machinery/hash.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import { isNamespaceTerminating } from '../namespace-terminating.ts'
import { toError } from '../to-error.ts'
import { backendsOf, hasBackends, isHeadless, podsOfServices, selectedBy, type Backend } from './backends.ts'
import { isLeaderElection } from './leader-election.ts'
import { createTriggerTimes, lastChange, lastChanged } from './trigger-times.ts'
import { truncateSubsets } from './truncate-subsets.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]
type Address = NonNullable<Subset['addresses']>[number]

const overCapacity = 'endpoints.kubernetes.io/over-capacity'
const headless = 'service.kubernetes.io/headless'
const managedBy = 'endpoints.kubernetes.io/managed-by'

/**
 * Keeps the Endpoints object of every Service with a selector (pkg/controller/endpoint), for clients that still read it.
 * With any Service goes the Endpoints object of its name, whoever made it; at the start, all that have no Service go.
 */
export function endpointsController(): Controller {
  const times = createTriggerTimes()
  /** Services that are or were there, by `namespace/name`; from the first reconcile on. */
  let seen: Set<string> | undefined
  return {
    name: 'endpoint-controller',
    watches: [each(services), each(endpoints), podsOfServices],

    async reconcile(key, { client, informers, recorder }) {
      seen ??= namesAtStart(informers)
      const service = informers.informer(services).get(key)
      const current = informers.informer(endpoints).get(key)
      if (!service) {
        times.forget(key)
        if (current && seen.has(keyText(key)))
          await unlessGone(client.delete(endpoints, key, { preconditions: { uid: current.metadata.uid } }))
        seen.delete(keyText(key))
        return
      }
      seen.add(keyText(key))
      if (!hasBackends(service)) return
      const family = service.spec.ipFamilies?.[0] === 'IPv6' ? 'IPv6' : 'IPv4'
      const selected = selectedBy(service, { informers })
      const trigger = times.next(service, selected)
      const wanted = endpointsFor(service, backendsOf(service, selected, family), current)
      if (current && same(current, wanted)) return
      setLastChange(wanted, trigger)
      try {
        if (current)
          await client.update(endpoints, {
            ...current,
            ...wanted,
            metadata: { ...current.metadata, ...wanted.metadata },
          })
        else await client.create(endpoints, wanted)
      } catch (error) {
        if (isAlreadyExists(error) || isNamespaceTerminating(error)) return
        const why = `${key.namespace}/${key.name}: ${toError(error).message}`
        if (current) recorder.event(current, 'Warning', 'FailedToUpdateEndpoint', `Failed to update endpoint ${why}`)
        else
          recorder.event(service, 'Warning', 'FailedToCreateEndpoint', `Failed to create endpoint for service ${why}`)
        throw error
      }
    },
  }
}

/** Endpoints objects that are there before any Service was seen had one (endpoints_controller.go checkLeftoverEndpoints). */
function namesAtStart(informers: Informers): Set<string> {
  const all = informers.informer(endpoints).list()
  return new Set(all.filter(object => !isLeaderElection(object)).map(object => keyText(keyOf(object))))
}

/** Says nothing of a change that neither a pod nor the Service's creation has caused. */
function setLastChange({ metadata }: Draft<Endpoints>, time: string | undefined) {
  const { [lastChange]: _, ...annotations } = metadata.annotations ?? {}
  metadata.annotations = { ...annotations, ...lastChanged(time) }
}

const same = (current: Endpoints, wanted: Draft<Endpoints>) =>
  jsonEqual(current.subsets ?? [], wanted.subsets ?? []) &&
  jsonEqual(current.metadata.labels ?? {}, wanted.metadata.labels) &&
  jsonEqual(current.metadata.annotations ?? {}, wanted.metadata.annotations ?? {})

/** The Endpoints object of a Service with these backends. */
function endpointsFor(service: Service, backends: readonly Backend[], current?: Endpoints): Draft<Endpoints> {
  // Those on their way out are only in EndpointSlices, unless the Service wants every address.
  const eligible = backends.filter(backend => service.spec.publishNotReadyAddresses || !backend.conditions.terminating)
  const { [overCapacity]: _, ...annotations } = current?.metadata.annotations ?? {}
  const { subsets, truncated } = truncateSubsets(subsetsOf(service, eligible))
  if (truncated) annotations[overCapacity] = 'truncated'
  const { namespace = '', name, labels } = service.metadata
  const { [headless]: _reserved, ...inherited } = labels ?? {}
  return {
    metadata: {
      namespace,
      name,
      labels: { ...inherited, [managedBy]: 'endpoint-controller', ...(isHeadless(service) && { [headless]: '' }) },
      annotations,
    },
    subsets,
  }
}

/** Addresses by the set of ports they serve, ready and not ready ones apart (pkg/api/v1/endpoints RepackSubsets). */
function subsetsOf(service: Service, backends: readonly Backend[]): Subset[] {
  const groups = new Map<string, Backend[]>()
  for (const backend of backends) {
    if (backend.ports.length === 0 && (service.spec.ports ?? []).length > 0) continue
    const ports = canonicalJson(backend.ports)
    groups.set(ports, [...(groups.get(ports) ?? []), backend])
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const addresses = (ready: boolean) => group.filter(backend => backend.conditions.ready === ready).map(toAddress)
      const [ready, notReady] = [addresses(true), addresses(false)]
      const ports = (group[0]?.ports ?? []).map(({ name, ...port }) => ({ ...(name && { name }), ...port }))
      return {
        ...(ready.length > 0 && { addresses: ready }),
        ...(notReady.length > 0 && { notReadyAddresses: notReady }),
        ...(ports.length > 0 && { ports }),
      }
    })
}

function toAddress({ pod, address, hostname }: Backend): Address {
  const { namespace = '', name, uid } = pod.metadata
  return {
    ip: address,
    ...(hostname && { hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}
