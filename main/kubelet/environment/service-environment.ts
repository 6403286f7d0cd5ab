import type { Pod, Service } from '../../../shared/api/core.ts'

/**
 * The variables that tell of Services: those of the pod's namespace with `enableServiceLinks` (the default), and
 * `default/kubernetes` always (pkg/kubelet/envvars/envvars.go, getServiceEnvVarMap).
 */
export function serviceEnvironment(pod: Pod, services: Service[]): Map<string, string> {
  const isMaster = (s: Service) => s.metadata.namespace === 'default' && s.metadata.name === 'kubernetes'
  const linked = new Map<string, Service>()
  for (const service of services) {
    const { clusterIP } = service.spec
    if (!clusterIP || clusterIP === 'None') continue
    const own = service.metadata.namespace === pod.metadata.namespace && pod.spec.enableServiceLinks !== false
    // A Service named kubernetes of the pod's own namespace wins over default's.
    if (own || (isMaster(service) && !linked.has('kubernetes'))) linked.set(service.metadata.name, service)
  }
  return new Map([...linked.values()].flatMap(variables))
}

function variables({ metadata, spec }: Service): [string, string][] {
  const prefix = metadata.name.toUpperCase().replaceAll('-', '_')
  const ip = spec.clusterIP ?? ''
  const host = ip.includes(':') ? `[${ip}]` : ip
  const ports = spec.ports ?? []
  const [first] = ports
  if (!first) return []
  const url = (port: typeof first) => `${(port.protocol ?? 'TCP').toLowerCase()}://${host}:${port.port}`
  return [
    [`${prefix}_SERVICE_HOST`, ip],
    [`${prefix}_SERVICE_PORT`, `${first.port}`],
    ...ports.flatMap((p): [string, string][] =>
      p.name ? [[`${prefix}_SERVICE_PORT_${p.name.toUpperCase().replaceAll('-', '_')}`, `${p.port}`]] : [],
    ),
    [`${prefix}_PORT`, url(first)],
    ...ports.flatMap((p): [string, string][] => {
      const protocol = p.protocol ?? 'TCP'
      const base = `${prefix}_PORT_${p.port}_${protocol}`
      return [
        [base, url(p)],
        [`${base}_PROTO`, protocol.toLowerCase()],
        [`${base}_PORT`, `${p.port}`],
        [`${base}_ADDR`, ip],
      ]
    }),
  ]
}
