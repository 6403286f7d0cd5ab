import { pods, services, type Pod, type Service } from '../../../shared/api/core.ts'
import type { ControllerWatch } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { mapped } from '../../../shared/client/watches.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { isReady, isTerminal } from '../pod-state.ts'

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

/** A pod's changes concern the Services that select it. */
export const podsOfServices: ControllerWatch = mapped(pods, (pod, informers) =>
  informers
    .informer(services)
    .list(pod.metadata.namespace)
    .filter(service => hasBackends(service) && selects(service, pod))
    .map(keyOf),
)

/** Whether the control plane finds the endpoints; without a selector they are the user's own. */
export function hasBackends(service: Service): boolean {
  return service.spec.selector !== undefined && service.spec.type !== 'ExternalName'
}

function selects(service: Service, pod: Pod): boolean {
  return matchesRequirements(requirementsOf({ matchLabels: service.spec.selector ?? {} }), pod.metadata.labels)
}

/** No address of its own: clients get those of the pods. */
export const isHeadless = (service: Service) => !service.spec.clusterIP || service.spec.clusterIP === 'None'

/**
 * The pods behind a Service, those on their way out included, by name so that results are stable
 * (endpointslice/utils.go podToEndpoint, endpointslice/util ShouldPodBeInEndpoints).
 */
export function backendsOf(service: Service, candidates: readonly Pod[], family: AddressType): Backend[] {
  return candidates
    .filter(pod => selects(service, pod) && !isTerminal(pod))
    .flatMap(pod => {
      const address = addressOf(pod, family)
      return address ? [backendOf(service, pod, address)] : []
    })
    .sort((a, b) => (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1))
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
