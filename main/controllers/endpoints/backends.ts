import { nodes, pods, services, type Node, type Pod, type Service } from '../../../shared/api/core.ts'
import type { ControllerContext, ControllerWatch } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { mapped } from '../../../shared/client/watches.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { podsOn } from '../node/pods-on.ts'
import { conditionOf, isReady, isTerminal } from '../pod-state.ts'

export type AddressType = 'IPv4' | 'IPv6'

interface Port {
  name: string
  port: number
  protocol: string
  appProtocol?: string
}

/** One pod behind a Service: where it listens and what may be sent to it. */
export interface Backend {
  pod: Pod
  /** Of one family. */
  address: string
  ports: Port[]
  conditions: { ready: boolean; serving: boolean; terminating: boolean }
  hostname?: string
}

const servicesOf = mapped(pods, (pod, informers) =>
  informers
    .informer(services)
    .list(pod.metadata.namespace)
    .filter(service => hasBackends(service) && selector(service)(pod))
    .map(keyOf),
)

/** A pod's changes concern the Services that select it, as far as endpoints show them. */
export const podsOfServices: ControllerWatch<Pod> = {
  ref: pods,
  keys: (change, informers) =>
    change.now && change.before && jsonEqual(shown(change.now), shown(change.before))
      ? []
      : servicesOf.keys(change, informers),
}

/** A node that comes or goes concerns the Services of its pods. */
export const podsOfNodes: ControllerWatch<Node> = {
  ref: nodes,
  keys: ({ now, before }, informers) => {
    const node = now && before ? undefined : (now ?? before)
    return node ? podsOn(node.metadata.name, informers).flatMap(pod => servicesOf.keys({ now: pod }, informers)) : []
  },
}

/** What endpoints depend on; of the rest of a pod, much changes often (endpointslice/util podEndpointsChanged). */
const shown = ({ metadata, spec, status }: Pod) => [
  metadata.uid,
  metadata.labels ?? {},
  metadata.deletionTimestamp ?? '',
  spec.nodeName ?? '',
  status?.podIP ?? '',
  status?.podIPs ?? [],
  status?.phase ?? '',
  conditionOf(status?.conditions, 'Ready') ?? {},
]

/** Whether the control plane finds the endpoints; without a selector they are the user's own. */
export function hasBackends(service: Service): boolean {
  return Object.keys(service.spec.selector ?? {}).length > 0 && service.spec.type !== 'ExternalName'
}

/** The pods that a Service selects, by name so that results are stable. */
export function selectedBy(service: Service, { informers }: Pick<ControllerContext, 'informers'>): Pod[] {
  return informers
    .informer(pods)
    .list(service.metadata.namespace)
    .filter(selector(service))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

function selector(service: Service): (pod: Pod) => boolean {
  const requirements = requirementsOf({ matchLabels: service.spec.selector ?? {} })
  return pod => matchesRequirements(requirements, pod.metadata.labels)
}

/** No address of its own: clients get those of the pods. */
export const isHeadless = (service: Service) => !service.spec.clusterIP || service.spec.clusterIP === 'None'

/**
 * What a Service's pods offer, those on their way out included
 * (endpointslice/utils.go podToEndpoint, endpointslice/util ShouldPodBeInEndpoints).
 */
export function backendsOf(service: Service, selected: readonly Pod[], family: AddressType): Backend[] {
  return selected.flatMap(pod => {
    const address = isTerminal(pod) ? undefined : addressOf(pod, family)
    return address ? [backendOf(service, pod, address)] : []
  })
}

function backendOf(service: Service, pod: Pod, address: string): Backend {
  const serving = isReady(pod)
  const terminating = !!pod.metadata.deletionTimestamp
  const ready = (service.spec.publishNotReadyAddresses ?? false) || (serving && !terminating)
  const { hostname, subdomain } = pod.spec
  return {
    pod,
    address,
    ports: portsOf(service, pod),
    conditions: { ready, serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
  }
}

function addressOf(pod: Pod, family: AddressType): string | undefined {
  const { podIP, podIPs } = pod.status ?? {}
  const addresses = (podIPs ?? []).map(each => each.ip).concat(podIP ?? [])
  return addresses.find(address => address.includes(':') === (family === 'IPv6'))
}

/** The Service's ports as this pod has them; a named one that it lacks is left out. */
function portsOf(service: Service, pod: Pod): Port[] {
  return (service.spec.ports ?? []).flatMap(({ name = '', port, protocol = 'TCP', appProtocol, targetPort }) => {
    const number = typeof targetPort === 'string' ? namedPort(pod, targetPort, protocol) : (targetPort ?? port)
    return number === undefined ? [] : [{ name, port: number, protocol, ...(appProtocol && { appProtocol }) }]
  })
}

function namedPort(pod: Pod, name: string, protocol: string): number | undefined {
  const sidecars = (pod.spec.initContainers ?? []).filter(container => container.restartPolicy === 'Always')
  return [...pod.spec.containers, ...sidecars]
    .flatMap(container => container.ports ?? [])
    .find(port => port.name === name && (port.protocol ?? 'TCP') === protocol)?.containerPort
}
