import type Docker from 'dockerode'
import type { NetworkInspectInfo } from 'dockerode'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { engineStatus, unlessGone } from './engine-errors.ts'
import { CLUSTER } from './labels.ts'

/** The bridge network that all pods and nodes of a cluster share. */
export interface ClusterNetwork {
  id: string
  name: string
  /** e.g. `172.18.0.0/16` */
  subnet: string
  /** The bridge's own address on the engine's host. */
  gateway: string
}

/** Finds the cluster's network or creates it; the engine chooses a free subnet if none is given. */
export async function ensureNetwork(
  docker: Docker,
  { cluster, subnet }: { cluster: string; subnet?: string },
): Promise<ClusterNetwork> {
  const name = `podbay-${cluster}`
  const known = await unlessGone(docker.getNetwork(name).inspect())
  if (known) return networkOf(known)
  try {
    await docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      Labels: { [CLUSTER]: cluster },
      ...(subnet && { IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] } }),
    })
  } catch (error) {
    if (engineStatus(error) !== 409) throw error // someone else has just created it
  }
  return networkOf(await docker.getNetwork(name).inspect())
}

function networkOf({ Id, Name, IPAM }: NetworkInspectInfo): ClusterNetwork {
  const config = IPAM?.Config?.find(c => !c['Subnet']?.includes(':'))
  const subnet = config?.['Subnet'] ?? ''
  return { id: Id, name: Name, subnet, gateway: config?.['Gateway'] ?? firstAddress(subnet) }
}

/** The engine leaves the gateway out of its answer when nobody asked for one; it is the first address then. */
function firstAddress(subnet: string): string {
  const parts = (subnet.split('/')[0] ?? '').split('.')
  return [...parts.slice(0, 3), Number(parts[3] ?? 0) + 1].join('.')
}

/**
 * True if this machine has the address, which for a cluster network's gateway means that the engine runs here and pods
 * can be dialled by their IPs. (Asking for the interfaces would not do: a bridge without ports counts as down.)
 */
export async function isLocalAddress(address: string): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    socket.bind(0, address)
    await once(socket, 'listening')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}
