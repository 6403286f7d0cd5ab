import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../shared/api/core.ts'
import type { ResourceClaim } from '../../shared/api/resource.ts'
import type { CSINode, StorageClass } from '../../shared/api/storage.ts'
import { jsonEqual } from '../../shared/machinery/json-value.ts'

/** What the scheduler looks at of a node. */
type NodePart = 'labels' | 'taints' | 'unschedulable' | 'allocatable' | 'declaredFeatures'

/**
 * Something happened that could make room for a waiting pod (framework/events.go). `pod` is about pods that have a node:
 * one came (no `before`), changed, or went (no `after`).
 */
export type Change =
  | { of: 'node'; before?: Node; after: Node; parts: ReadonlySet<NodePart> }
  | { of: 'nodeGone'; before: Node }
  | { of: 'pod'; before?: Pod; after?: Pod }
  | { of: 'claim'; before?: PersistentVolumeClaim; after: PersistentVolumeClaim }
  | { of: 'volume'; before?: PersistentVolume; after: PersistentVolume }
  | { of: 'storageClass'; after: StorageClass }
  | { of: 'csiNode'; after: CSINode }
  | { of: 'csiCapacity' }
  /** `freesDevices`: it had an allocation and has none any more, or is gone. */
  | { of: 'resourceClaim'; after: ResourceClaim; freesDevices: boolean }
  /** Devices or their classes came or changed. */
  | { of: 'devices' }

const parts: Record<NodePart, (node: Node) => unknown> = {
  labels: node => node.metadata.labels,
  taints: node => node.spec?.taints,
  unschedulable: node => node.spec?.unschedulable,
  allocatable: node => node.status?.allocatable,
  declaredFeatures: node => node.status?.declaredFeatures,
}

const all = new Set(Object.keys(parts) as NodePart[])

/** A node came or changed; undefined if nothing of it matters here, as with a heartbeat. */
export function nodeChange(after: Node, before?: Node): Change | undefined {
  if (!before) return { of: 'node', after, parts: all }
  const differing = [...all].filter(part => !same(parts[part](after), parts[part](before)))
  return differing.length === 0 ? undefined : { of: 'node', before, after, parts: new Set(differing) }
}

const same = (a: unknown, b: unknown) => jsonEqual(a ?? null, b ?? null)
