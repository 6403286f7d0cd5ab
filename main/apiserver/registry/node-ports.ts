import type { Service } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid } from '../../../shared/machinery/field-errors.ts'
import { internalError } from '../../../shared/machinery/status.ts'

type ServiceSpec = Service['spec']
type ServicePort = NonNullable<ServiceSpec['ports']>[number]

/** Both ends included. */
export interface PortRange {
  from: number
  to: number
}

/** Every port of the nodes that a Service holds, once. */
export function nodePortsOf(spec: ServiceSpec): number[] {
  const ports = (spec.ports ?? []).flatMap(port => port.nodePort || [])
  return [...new Set([...ports, ...(spec.healthCheckNodePort ? [spec.healthCheckNodePort] : [])])]
}

function needsNodePorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)
}

function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

/** A client that leaves out ports that the server has given keeps them. */
export function keepNodePorts(spec: ServiceSpec, before: ServiceSpec): void {
  if (needsNodePorts(spec) && needsNodePorts(before)) {
    const given = new Map((before.ports ?? []).map(port => [idOf(port), port.nodePort]))
    for (const port of spec.ports ?? []) {
      const kept = given.get(idOf(port))
      if (!port.nodePort && kept) port.nodePort = kept
    }
  }
  if (needsHealthCheck(spec) && needsHealthCheck(before) && before.healthCheckNodePort) {
    spec.healthCheckNodePort ||= before.healthCheckNodePort
  }
}

const idOf = ({ protocol = 'TCP', port }: ServicePort) => `${protocol}/${port}`

interface Ports {
  /** Those of other Services. */
  held: { has(port: number): boolean }
  range: PortRange
  random: () => number
}

/** Checks the node ports that are asked for and gives those that are missing. */
export function allocateNodePorts({ spec }: Service, { held, range, random }: Ports): StatusCause[] {
  const causes: StatusCause[] = []
  const own = new Set<number>()
  const taken = { has: (port: number) => own.has(port) || held.has(port) }
  const wanted = (spec.ports ?? []).map((port, at) => ({ port, field: child(index('spec.ports', at), 'nodePort') }))
  for (const { port, field } of wanted) {
    if (!port.nodePort) continue
    const fault = faultOf(port.nodePort, { taken, range })
    if (fault !== '') causes.push(invalid(field, port.nodePort, fault))
  }
  for (const { port } of wanted) if (port.nodePort) own.add(port.nodePort)
  if (causes.length > 0) return causes

  if (needsNodePorts(spec)) {
    for (const { port } of wanted) {
      if (port.nodePort) continue
      // The same port over TCP and UDP is one service to the outside: it gets one number.
      const twin = wanted.find(
        other => other.port.nodePort && other.port.port === port.port && other.port.protocol !== port.protocol,
      )
      port.nodePort = twin?.port.nodePort ?? anyPort({ taken, range, random })
      own.add(port.nodePort)
    }
  }
  if (needsHealthCheck(spec)) spec.healthCheckNodePort ??= anyPort({ taken, range, random })
  return []
}

interface Taking extends Omit<Ports, 'held'> {
  /** Those of other Services, and those that this one has so far. */
  taken: Ports['held']
}

function faultOf(port: number, { taken, range }: Omit<Taking, 'random'>): string {
  if (port < range.from || port > range.to) {
    return `provided port is not in the valid range. The range of valid ports is ${range.from}-${range.to}`
  }
  return taken.has(port) ? 'provided port is already allocated' : ''
}

/** A free port, from the upper part of the range while it lasts (KEP-3668). */
function anyPort({ taken, range, random }: Taking): number {
  const size = range.to - range.from + 1
  const reserved = size < 32 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128)
  for (const [from, to] of [
    [reserved, size],
    [0, reserved],
  ] as const) {
    const start = Math.floor(random() * (to - from))
    for (let step = 0; step < to - from; step++) {
      const port = range.from + from + ((start + step) % (to - from))
      if (!taken.has(port)) return port
    }
  }
  throw internalError('failed to allocate a nodePort: range is full')
}
