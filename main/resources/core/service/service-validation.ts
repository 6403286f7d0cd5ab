import type { Service } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  key,
  required,
} from '../../../../shared/machinery/field-errors.ts'
import {
  isDns1123Label,
  isDns1123Subdomain,
  isPortNumber,
  isQualifiedName,
} from '../../../../shared/machinery/names.ts'
import { invalidFor, oneOf, optionalOneOf, repeats } from '../../faults.ts'
import { validateCidr, validateEndpointIp, validateIp } from '../../ip-faults.ts'
import { validateLabels } from '../../labels.ts'
import { validatePortNumberOrName } from '../port-validation.ts'
import { isHeadless, validateClusterIps, validateClusterIpsUpdate } from './service-cluster-ips.ts'
import { isExternallyAccessible, needsHealthCheckPort } from './service-defaults.ts'

type Port = NonNullable<Service['spec']['ports']>[number]

const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"

/** What is wrong with a Service (pkg/apis/core/validation validateService); what `old` had already is let pass. */
export function validateService(object: Service, old?: Service): StatusCause[] {
  const { spec } = object
  const portless = isHeadless(object) || spec.type === 'ExternalName'
  return [
    ...((spec.ports ?? []).length === 0 && !portless ? [required('spec.ports')] : []),
    ...validateType(object),
    ...validatePorts(spec.ports ?? []),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(object),
    ...validateClusterIps(object, old),
    ...validateExternalIps(spec.externalIPs ?? [], old?.spec.externalIPs ?? []),
    ...oneOf('spec.type', spec.type, ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']),
    ...validatePortPairs(object),
    ...validateSourceRanges(object, old),
    ...validateLoadBalancer(object),
    ...validateTrafficPolicies(object),
  ]
}

/** What is wrong with a change of a Service (ValidateServiceUpdate). */
export function validateServiceUpdate(object: Service, old: Service): StatusCause[] {
  const { spec } = object
  const balanced = spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer'
  const checked = needsHealthCheckPort(object) && needsHealthCheckPort(old)
  return [
    ...validateClusterIpsUpdate(object, old),
    ...(balanced && spec.loadBalancerClass !== old.spec.loadBalancerClass
      ? [invalid('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set')]
      : []),
    ...(checked && spec.healthCheckNodePort !== old.spec.healthCheckNodePort
      ? [forbidden('spec.healthCheckNodePort', 'field is immutable')]
      : []),
    ...validateService(object, old),
  ]
}

function validateType(object: Service): StatusCause[] {
  const { type = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' } = object.spec
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(object)) {
    return [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)]
  }
  if (type !== 'ExternalName') return []
  const unset = (field: string) => forbidden(child('spec', field), 'may not be set for ExternalName services')
  const name = externalName.replace(/\.$/, '')
  return [
    ...(clusterIPs.length > 0 ? [unset('clusterIPs')] : []),
    ...(ipFamilies.length > 0 ? [unset('ipFamilies')] : []),
    ...(ipFamilyPolicy === undefined ? [] : [unset('ipFamilyPolicy')]),
    ...(name ? invalidFor('spec.externalName', name, isDns1123Subdomain(name)) : [required('spec.externalName')]),
  ]
}

function validatePorts(ports: Port[]): StatusCause[] {
  const repeated = repeats(ports, ({ name }) => name)
  return ports.flatMap((port, i) => {
    const path = index('spec.ports', i)
    const { name, appProtocol } = port
    const namePath = child(path, 'name')
    return [
      ...(name ? invalidFor(namePath, name, isDns1123Label(name)) : ports.length > 1 ? [required(namePath)] : []),
      ...(name && repeated[i] ? [duplicate(namePath, name)] : []),
      ...invalidFor(child(path, 'port'), port.port, isPortNumber(port.port)),
      ...oneOf(child(path, 'protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']),
      ...validatePortNumberOrName(child(path, 'targetPort'), port.targetPort ?? 0),
      ...(appProtocol === undefined
        ? []
        : invalidFor(child(path, 'appProtocol'), appProtocol, isQualifiedName(appProtocol))),
    ]
  })
}

/** Ports and node ports that stand twice, and node ports where there are none. */
function validatePortPairs({ spec: { type, ports = [] } }: Service): StatusCause[] {
  const faults: StatusCause[] = []
  const at = (i: number) => index('spec.ports', i)
  const sameNodePort = repeats(ports, ({ nodePort, protocol }) => `${protocol}/${nodePort}`)
  const samePort = repeats(ports, ({ port, protocol }) => `${protocol}/${port}`)
  ports.forEach(({ nodePort }, i) => {
    if (type === 'ClusterIP' && nodePort) {
      faults.push(forbidden(child(at(i), 'nodePort'), "may not be used when `type` is 'ClusterIP'"))
    }
  })
  ports.forEach(({ nodePort }, i) => {
    if (nodePort && sameNodePort[i]) faults.push(duplicate(child(at(i), 'nodePort'), nodePort))
  })
  ports.forEach(({ port, protocol }, i) => {
    if (samePort[i]) {
      // Upstream prints the key of its internal type.
      const pair = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
      faults.push(duplicate(at(i), pair))
    }
  })
  return faults
}

/** core.MaxClientIPServiceAffinitySeconds: a day. */
const maxAffinitySeconds = 86_400

function validateAffinity({ spec: { sessionAffinity, sessionAffinityConfig } }: Service): StatusCause[] {
  const faults = oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'])
  const path = 'spec.sessionAffinityConfig'
  if (sessionAffinity === 'None') {
    const unused = forbidden(path, 'must not be set when session affinity is None')
    return sessionAffinityConfig ? [...faults, unused] : faults
  }
  if (sessionAffinity !== 'ClientIP') return faults
  const missing = (field: string) => [...faults, required(field, 'when session affinity type is ClientIP')]
  if (!sessionAffinityConfig) return missing(path)
  if (!sessionAffinityConfig.clientIP) return missing(child(path, 'clientIP'))
  const { timeoutSeconds } = sessionAffinityConfig.clientIP
  const timeoutPath = child(path, 'clientIP', 'timeoutSeconds')
  if (timeoutSeconds === undefined) return missing(timeoutPath)
  if (timeoutSeconds > 0 && timeoutSeconds <= maxAffinitySeconds) return faults
  return [...faults, invalid(timeoutPath, timeoutSeconds, `must be greater than 0 and less than ${maxAffinitySeconds}`)]
}

function validateExternalIps(ips: string[], known: string[]): StatusCause[] {
  return ips.flatMap((ip, i) => {
    const path = index('spec.externalIPs', i)
    const faults = known.includes(ip) ? [] : validateIp(path, ip)
    return faults.length > 0 ? faults : validateEndpointIp(path, ip)
  })
}

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

function validateSourceRanges({ spec, metadata }: Service, old: Service | undefined): StatusCause[] {
  const misplaced = (path: string) => (spec.type === 'LoadBalancer' ? [] : [forbidden(path, onlyLoadBalancer)])
  const ranges = spec.loadBalancerSourceRanges ?? []
  if (ranges.length > 0) {
    // The capital is upstream's.
    const path = 'spec.LoadBalancerSourceRanges'
    const known = (old?.spec.loadBalancerSourceRanges ?? []).map(range => range.trim())
    const fresh = (range: string) => !known.includes(range.trim())
    return [
      ...misplaced(path),
      ...ranges.flatMap((range, i) => (fresh(range) ? validateCidr(index(path, i), range.trim()) : [])),
    ]
  }
  const text = metadata.annotations?.[rangesAnnotation]
  if (text === undefined) return []
  const path = key('metadata.annotations', rangesAnnotation)
  const unchanged = old?.metadata.annotations?.[rangesAnnotation] === text
  const written = unchanged || text.trim() === '' ? [] : text.split(',')
  return [...misplaced(path), ...written.flatMap(range => validateCidr(path, range.trim()))]
}

function validateLoadBalancer({ spec }: Service): StatusCause[] {
  const { type, allocateLoadBalancerNodePorts: allocates, loadBalancerClass: name } = spec
  const only = (field: string) => [forbidden(child('spec', field), onlyLoadBalancer)]
  if (type !== 'LoadBalancer') {
    return [
      ...(allocates === undefined ? [] : only('allocateLoadBalancerNodePorts')),
      ...(name === undefined ? [] : only('loadBalancerClass')),
    ]
  }
  return [
    // Upstream leaves `spec` out of this path.
    ...(allocates === undefined ? [required('allocateLoadBalancerNodePorts')] : []),
    ...(name === undefined ? [] : invalidFor('spec.loadBalancerClass', name, isQualifiedName(name))),
  ]
}

function validateTrafficPolicies(object: Service): StatusCause[] {
  const {
    type,
    externalTrafficPolicy,
    internalTrafficPolicy,
    healthCheckNodePort = 0,
    trafficDistribution,
  } = object.spec
  const external = 'spec.externalTrafficPolicy'
  const health = 'spec.healthCheckNodePort'
  const policies = ['Cluster', 'Local']
  const externalFaults = isExternallyAccessible(object)
    ? oneOf(external, externalTrafficPolicy, policies)
    : externalTrafficPolicy
      ? [invalid(external, externalTrafficPolicy, 'may only be set for externally-accessible services')]
      : []
  const misplaced = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
  const healthFaults = !needsHealthCheckPort(object)
    ? healthCheckNodePort === 0
      ? []
      : [invalid(health, healthCheckNodePort, misplaced)]
    : healthCheckNodePort === 0
      ? [required(health)]
      : invalidFor(health, healthCheckNodePort, isPortNumber(healthCheckNodePort))
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
  return [
    ...externalFaults,
    ...healthFaults,
    ...(['ClusterIP', 'NodePort', 'LoadBalancer'].includes(type ?? '')
      ? oneOf('spec.internalTrafficPolicy', internalTrafficPolicy, policies)
      : optionalOneOf('spec.internalTrafficPolicy', internalTrafficPolicy, policies)),
    ...optionalOneOf('spec.trafficDistribution', trafficDistribution, distributions),
  ]
}
