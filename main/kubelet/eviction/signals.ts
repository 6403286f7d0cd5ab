/** What a node may run out of (pkg/kubelet/eviction/api/types.go). */
export type Signal = keyof typeof signals
export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'
export type Starved = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'

/** Bytes, inodes or processes. */
export interface Observation {
  capacity: number
  available: number
}
export type Observations = ReadonlyMap<Signal, Observation>

/**
 * In the order in which they are seen to: memory first. Images, writable layers and volumes are on one file system here, so
 * the signals of imagefs tell what those of nodefs do.
 */
export const signals = {
  'memory.available': { resource: 'memory', condition: 'MemoryPressure' },
  'allocatableMemory.available': { resource: 'memory', condition: 'MemoryPressure' },
  'nodefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
  'imagefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
  'containerfs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
  'nodefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure' },
  'imagefs.inodesFree': { resource: 'inodes', condition: 'DiskPressure' },
  'containerfs.inodesFree': { resource: 'inodes', condition: 'DiskPressure' },
  'pid.available': { resource: 'pids', condition: 'PIDPressure' },
} as const satisfies Record<string, { resource: Starved; condition: Pressure }>

export const allSignals = Object.keys(signals) as Signal[]

/** An amount, or a part (0 to 1) of the capacity. */
export type Amount = { quantity: string; value: number } | { part: number }

export interface Threshold {
  signal: Signal
  value: Amount
  /** Milliseconds for which it has to be met; 0 for a hard one. */
  gracePeriod: number
  /** How much more than the threshold must be available before it counts as met no more. */
  minReclaim?: Amount
}

/** How much that is of a capacity. */
export const amountOf = (amount: Amount, capacity: number): number =>
  'part' in amount ? Math.trunc(capacity * amount.part) : amount.value

/** Whether less than half of what is there beyond a threshold is used. */
export function isFarFrom({ signal, value }: Threshold, observations: Observations): boolean {
  const observed = observations.get(signal)
  if (!observed) return true
  const { capacity, available } = observed
  return capacity - available < (capacity - amountOf(value, capacity)) / 2
}

/** Whether less is available than should be. `reclaimed`: with what is to be reclaimed beyond the threshold. */
export function isMet(
  { signal, value, minReclaim }: Threshold,
  observations: Observations,
  reclaimed = false,
): boolean {
  const observed = observations.get(signal)
  if (!observed) return false
  const { capacity, available } = observed
  const more = reclaimed && minReclaim ? amountOf(minReclaim, capacity) : 0
  return available < amountOf(value, capacity) + more
}
