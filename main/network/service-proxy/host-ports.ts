import { byKey, type VirtualPort } from './virtual-ports.ts'

/** A port of the node that leads to a pod's, as the pod's containers ask for it. */
export interface HostPort {
  /** IPv4; '' or `0.0.0.0` for all of the node's. */
  hostIP: string
  hostPort: number
  containerPort: number
  protocol: string
}

/** A pod with a network of its own that has taken ports of the node. */
export interface PortHolder {
  ip: string
  ports: readonly HostPort[]
}

const loopback = '127.0.0.1'

/**
 * Where the node's own processes and pods on its network meet host ports (`own`), and where all others do (`external`):
 * those have no way to the node's loopback. What is asked for at an address that is not the node's is served nowhere
 * (containernetworking plugins/meta/portmap, which matches local addresses only).
 */
export function hostPorts(
  pods: readonly PortHolder[],
  addresses: readonly string[],
): { own: VirtualPort[]; external: VirtualPort[] } {
  const at = (local: (hostIP: string) => string[]) =>
    byKey(
      pods.flatMap(({ ip, ports }) =>
        ports.flatMap(({ hostIP, hostPort, containerPort, protocol }) =>
          local(hostIP).map(address => ({
            address,
            protocol: protocol.toLowerCase() as VirtualPort['protocol'],
            port: hostPort,
            backends: [{ address: ip, port: containerPort }],
            sticky: false,
          })),
        ),
      ),
    )
  const isAny = (hostIP: string) => hostIP === '' || hostIP === '0.0.0.0'
  const external = (hostIP: string) => addresses.filter(address => isAny(hostIP) || address === hostIP)
  const inside = (hostIP: string) => (isAny(hostIP) ? [loopback] : hostIP.startsWith('127.') ? [hostIP] : [])
  return { own: at(hostIP => [...external(hostIP), ...inside(hostIP)]), external: at(external) }
}
