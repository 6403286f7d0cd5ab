import type { Pod } from '../../../shared/api/core.ts'
import { aggregateResources } from '../../../shared/machinery/pod-resources.ts'
import { formatQuantity } from '../../../shared/machinery/quantity.ts'
import { valueOf } from '../resources/quantities.ts'

/** What a pod has written: bytes, and the number of its files. */
export interface StorageUsage {
  /** By volume; those in memory are not among them. */
  volumes: ReadonlyMap<string, number>
  /** Writable layer and logs, by container. */
  containers: ReadonlyMap<string, number>
  inodes: number
}

interface Limit {
  bytes: number
  /** Of the Evicted event and the pod's status. */
  message: string
}

/** How much of the node's disk a pod may use. Checked in the order in which upstream does. */
export interface StorageLimits {
  volumes: (Limit & { name: string })[]
  pod?: Limit
  containers: (Limit & { name: string })[]
}

const storage = 'ephemeral-storage'

/**
 * The limits of a pod's emptyDirs, of all of it and of its containers (pkg/kubelet/eviction, localStorageEviction);
 * undefined if there are none. An emptyDir in memory is bounded by its mount.
 */
export function storageLimits({ spec }: Pod): StorageLimits | undefined {
  const volumes = (spec.volumes ?? []).flatMap(({ name, emptyDir }) => {
    const bytes = emptyDir?.medium === 'Memory' ? 0 : valueOf(emptyDir?.sizeLimit)
    const text = formatQuantity(emptyDir?.sizeLimit ?? '0')
    return bytes > 0 ? { name, bytes, message: `Usage of EmptyDir volume "${name}" exceeds the limit "${text}". ` } : []
  })
  const containers = spec.containers.flatMap(({ name, resources }) => {
    const limit = resources?.limits?.[storage] ?? '0'
    const message = `Container ${name} exceeded its local ephemeral storage limit "${formatQuantity(limit)}". `
    return valueOf(limit) > 0 ? { name, bytes: valueOf(limit), message } : []
  })
  const whole = aggregateResources(spec, 'limits')[storage]
  if (volumes.length === 0 && whole === undefined) return undefined
  const text = formatQuantity(whole ?? '0')
  const message = `Pod ephemeral local storage usage exceeds the total limit of containers ${text}. `
  return { volumes, containers, ...(whole !== undefined && { pod: { bytes: valueOf(whole), message } }) }
}

/** The message of the first limit that is exceeded. */
export function exceededLimit(
  limits: StorageLimits,
  { volumes, containers }: Omit<StorageUsage, 'inodes'>,
): string | undefined {
  const total = [...volumes.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, 0)
  const over =
    limits.volumes.find(({ name, bytes }) => (volumes.get(name) ?? 0) > bytes) ??
    (limits.pod && total > limits.pod.bytes ? limits.pod : undefined) ??
    limits.containers.find(({ name, bytes }) => (containers.get(name) ?? 0) > bytes)
  return over?.message
}
