import type { Container } from '../../../shared/api/core.ts'

type Port = NonNullable<Container['ports']>[number]
interface Placed {
  port: Port
  path: string
}

/** Ports of a pod's containers that are in each other's way, and names that two ports have (pkg/api/pod/warnings.go). */
export function portWarnings(containers: readonly { container: Container; path: string }[]): string[] {
  const ports = containers.flatMap(({ container, path }) =>
    (container.ports ?? []).map((port, i) => ({ port, path: `${path}.ports[${i}]` })),
  )
  if (ports.length === 0) return []
  return [...numberWarnings(ports), ...nameWarnings(ports)]
}

function numberWarnings(ports: readonly Placed[]): string[] {
  const seen = new Map<string, Placed[]>()
  return ports.flatMap(placed => {
    const { port, path } = placed
    const same = `${port.containerPort}/${port.protocol ?? ''}`
    const others = seen.get(same) ?? []
    seen.set(same, [...others, placed])
    const idle = port.hostIP && !port.hostPort ? [`${path}: hostIP set without hostPort: ${goPort(port)}`] : []
    return [
      ...idle,
      ...others.flatMap(other => {
        const how = conflict(port, other.port)
        return how === undefined ? [] : [`${path}: ${how} port definition with ${other.path}`]
      }),
    ]
  })
}

function conflict(a: Port, b: Port): string | undefined {
  const [ipA, ipB] = [a.hostIP ?? '', b.hostIP ?? '']
  const [portA, portB] = [a.hostPort ?? 0, b.hostPort ?? 0]
  if (ipA === ipB && portA === portB) return 'duplicate'
  if (portA === 0 || portB === 0) return 'overlapping'
  return portA === portB && (ipA === '') !== (ipB === '') ? 'dangerously ambiguous' : undefined
}

function nameWarnings(ports: readonly Placed[]): string[] {
  const first = new Map<string, string>()
  return ports.flatMap(({ port: { name }, path }) => {
    if (!name) return []
    const other = first.get(name)
    if (other === undefined) {
      first.set(name, path)
      return []
    }
    const uses = `services and probes that select ports by name will use ${other}`
    return [`${path}: duplicate port name "${name}" with ${other}, ${uses}`]
  })
}

/** As Go's %+v writes the struct. */
const goPort = ({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: Port) =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`
