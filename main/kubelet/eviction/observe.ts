import type { RuntimeInfo } from '../runtime.ts'
import { valueOf } from '../resources/quantities.ts'
import type { KubeletSettings } from '../settings.ts'
import { defaultEvictionHard } from '../configuration/kubelet-configuration.ts'
import type { PodUsage } from './measure.ts'
import { signals, type Observation, type Signal, type Starved } from './signals.ts'

interface Node {
  settings: KubeletSettings
  /** Quantities. */
  capacity: Record<string, string>
  info: RuntimeInfo | undefined
}

/**
 * How much a node has of what its pods may run out of: bytes, inodes or processes, by signal; none of what is unknown. The
 * engine's host is its user's, who has other things on it, so the disk counts only where the node was declared one, or
 * where thresholds were configured. Its inodes are then a share of those of the file system.
 */
export function capacities({ settings, capacity, info }: Node): ReadonlyMap<Signal, number> {
  const { configuration } = settings
  const { kubeReserved, systemReserved, evictionHard, evictionSoft } = configuration
  const memory = valueOf(capacity['memory'])
  const isAsked = evictionHard !== defaultEvictionHard || Object.keys(evictionSoft).length > 0
  const storage = 'ephemeral-storage' in settings.capacity || isAsked ? valueOf(capacity['ephemeral-storage']) : 0
  const inodes = info?.storage && info.inodes ? Math.floor((info.inodes / info.storage) * storage) : 0
  const all: Record<Signal, number> = {
    'memory.available': memory,
    'allocatableMemory.available': memory - valueOf(kubeReserved['memory']) - valueOf(systemReserved['memory']),
    'nodefs.available': storage,
    'imagefs.available': storage,
    'containerfs.available': storage,
    'nodefs.inodesFree': inodes,
    'imagefs.inodesFree': inodes,
    'containerfs.inodesFree': inodes,
    'pid.available': info?.processes ?? 0,
  }
  return new Map(Object.entries(all).filter((each): each is [Signal, number] => each[1] > 0))
}

/** What is left of a node's capacities by its own pods. */
export function observe(known: ReadonlyMap<Signal, number>, usages: readonly PodUsage[]): Map<Signal, Observation> {
  const used = (resource: Starved) => usages.reduce((sum, { total }) => sum + total[resource], 0)
  return new Map(
    [...known].map(([signal, capacity]) => [
      signal,
      { capacity, available: Math.max(0, capacity - used(signals[signal].resource)) },
    ]),
  )
}
