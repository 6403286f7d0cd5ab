import type { Service } from '../../../../shared/api/core.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { isExternallyAccessible, needsHealthCheckPort } from './service-defaults.ts'

type Spec = Service['spec']

/**
 * Drops what the server once filled in and the new type has no use for, unless the client changed it too, which is then
 * for validation to refuse (pkg/registry/core/service strategy.go dropTypeDependentFields).
 */
export function dropTypeDependentFields(object: Service, old: Service): void {
  const { spec } = object
  const same = (...fields: (keyof Spec)[]) => fields.every(field => jsonEqual(spec[field], old.spec[field]))
  const lost = (has: (service: Service) => boolean) => has(old) && !has(object)

  if (lost(needsClusterIp)) {
    if (same('clusterIP', 'clusterIPs')) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    if (same('ipFamilies')) delete spec.ipFamilies
    if (same('ipFamilyPolicy')) delete spec.ipFamilyPolicy
  }
  if (lost(needsNodePort) && addsNoNodePort(object, old)) for (const port of spec.ports ?? []) delete port.nodePort
  if (lost(needsHealthCheckPort) && same('healthCheckNodePort')) delete spec.healthCheckNodePort
  if (lost(isLoadBalancer)) {
    if (same('allocateLoadBalancerNodePorts')) delete spec.allocateLoadBalancerNodePorts
    if (same('loadBalancerClass')) delete spec.loadBalancerClass
  }
  if (lost(isExternallyAccessible) && same('externalTrafficPolicy')) delete spec.externalTrafficPolicy
  if (!isLoadBalancer(object)) object.status = { ...object.status, loadBalancer: {} }
}

const needsClusterIp = ({ spec }: Service) => spec.type !== 'ExternalName'
const needsNodePort = ({ spec }: Service) => spec.type === 'NodePort' || spec.type === 'LoadBalancer'
const isLoadBalancer = ({ spec }: Service) => spec.type === 'LoadBalancer'

function addsNoNodePort(object: Service, old: Service): boolean {
  const known = new Set((old.spec.ports ?? []).map(port => port.nodePort))
  return (object.spec.ports ?? []).every(port => !port.nodePort || known.has(port.nodePort))
}
