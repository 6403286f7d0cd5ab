import type { Service } from '../../../../shared/api/core.ts'

/** core.DefaultClientIPServiceAffinitySeconds: three hours. */
const affinitySeconds = 10_800

/** Fills in what a Service leaves out (pkg/apis/core/v1/defaults.go SetDefaults_Service). */
export function setServiceDefaults(object: Service): void {
  // Absent in what a client sent, whatever the type of stored objects says.
  const spec = (object.spec as Service['spec'] | undefined) ?? {}
  object.spec = spec
  spec.sessionAffinity ||= 'None'
  spec.type ||= 'ClusterIP'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } }
  }
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    port.targetPort ||= port.port
  }
  if (isExternallyAccessible(object)) spec.externalTrafficPolicy ||= 'Cluster'
  if (['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type)) spec.internalTrafficPolicy ||= 'Cluster'
  if (spec.type !== 'LoadBalancer') return
  spec.allocateLoadBalancerNodePorts ??= true
  for (const ingress of object.status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ||= 'VIP'
}

/** Whether traffic may come from outside of the cluster, so that externalTrafficPolicy has a meaning. */
export function isExternallyAccessible({ spec }: Service): boolean {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') return true
  return spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0
}

/** Whether load balancers need a port to ask for local endpoints. */
export function needsHealthCheckPort({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
}
