import type { StatefulSet } from '../../../shared/api/apps.ts'
import type { Pod } from '../../../shared/api/core.ts'

const podName = /^(.*)-(\d+)$/

/** The set that a pod's name says it is of, and its number in it, -1 if there is none (statefulset getParentNameAndOrdinal). */
export function identityOf(pod: Pod): { parent: string; ordinal: number } {
  const [, parent = '', digits = ''] = podName.exec(pod.metadata.name) ?? []
  const ordinal = digits === '' ? -1 : Number(digits)
  return { parent, ordinal: ordinal < 2 ** 31 ? ordinal : -1 }
}

export const ordinalOf = (pod: Pod): number => identityOf(pod).ordinal

/** The first ordinal of a set. */
export const firstOrdinal = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0

export const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1

/** Whether the set has a place for a pod of this ordinal. */
export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const first = firstOrdinal(set)
  return ordinal >= first && ordinal < first + replicasOf(set)
}
