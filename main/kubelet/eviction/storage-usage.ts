import type { KubeletParts } from '../kubelet-parts.ts'
import type { PodState } from '../pod/pod-state.ts'
import type { StorageUsage } from './storage-limits.ts'

/** What a pod has written. What is in memory is no storage of the node. */
export async function storageUsage({ identity, records }: PodState, parts: KubeletParts): Promise<StorageUsage> {
  const onDisk = [...(await parts.host.usage(identity.uid))].filter(([, { inMemory }]) => !inMemory)
  const containers = new Map<string, number>()
  let inodes = onDisk.reduce((sum, [, { inodesUsed }]) => sum + inodesUsed, 0)
  for (const { id, name } of records.containers) {
    const { writable, logs, inodes: files } = await parts.runtime.diskUsage(id)
    containers.set(name, (containers.get(name) ?? 0) + writable + logs)
    inodes += files
  }
  return { volumes: new Map(onDisk.map(([name, { usedBytes }]) => [name, usedBytes])), containers, inodes }
}
