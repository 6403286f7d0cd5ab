import { valueOf } from '../quantities.ts'

/** What a node may run out of: the memory and the disk that it was declared to have. */
export type Signal = 'memory.available' | 'nodefs.available'
export type Pressure = 'MemoryPressure' | 'DiskPressure'

/** Bytes. */
export interface Observation {
  capacity: number
  available: number
}
export type Observations = ReadonlyMap<Signal, Observation>

/** In the order in which they are seen to: memory first. */
export const signals: Record<Signal, { resource: 'memory' | 'ephemeral-storage'; condition: Pressure }> = {
  'memory.available': { resource: 'memory', condition: 'MemoryPressure' },
  'nodefs.available': { resource: 'ephemeral-storage', condition: 'DiskPressure' },
}

/** A quantity, or a percentage of the capacity, by signal. */
export type Thresholds = Partial<Record<Signal, string>>

/** A threshold that is crossed. */
export interface Crossed extends Observation {
  signal: Signal
  /** Bytes that should be available. */
  quantity: number
}

/** The thresholds that the observations are below, in the order in which they are seen to. */
export function crossed(thresholds: Thresholds, observations: Observations): Crossed[] {
  return (Object.keys(signals) as Signal[]).flatMap(signal => {
    const [threshold, observation] = [thresholds[signal], observations.get(signal)]
    if (threshold === undefined || !observation) return []
    const quantity = threshold.endsWith('%')
      ? Math.floor((observation.capacity * Number(threshold.slice(0, -1))) / 100)
      : valueOf(threshold)
    return observation.available < quantity ? [{ signal, quantity, ...observation }] : []
  })
}
