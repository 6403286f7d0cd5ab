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
  const known = await findNetwork(docker, name)
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
  const made = await findNetwork(docker, name)
  if (!made) throw new Error(`the engine has no network ${name} right after it was made`)
  return networkOf(made)
}

/**
 * Engines before 25.0 may serve two who ask for the same name at once, each with a network of its own; one of them may be
 * an engine that was killed while Docker hung. A container can't be put into either by its name then: the one that
 * containers are in stays, or the oldest.
 */
async function findNetwork(docker: Docker, name: string): Promise<NetworkInspectInfo | undefined> {
  const named = (await docker.listNetworks({ filters: { name: [name] } })).filter(({ Name }) => Name === name)
  if (named.length < 2) return named[0]
  const found = await Promise.all(named.map(({ Id }) => unlessGone(docker.getNetwork(Id).inspect())))
  const networks = found.filter(each => each !== undefined)
  const [oldest] = networks.sort((a, b) => Date.parse(a.Created) - Date.parse(b.Created))
  const kept = networks.find(({ Containers = {} }) => Object.keys(Containers).length > 0) ?? oldest
  for (const { Id } of networks.filter(each => each !== kept))
    await unlessGone(docker.getNetwork(Id).remove() as Promise<unknown>)
  return kept
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
