import type { ReplicaSet, StatefulSet } from '../../shared/api/apps.ts'
import type {
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ReplicationController,
  Service,
} from '../../shared/api/core.ts'
import type { PodDisruptionBudget } from '../../shared/api/policy.ts'
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../shared/api/resource.ts'
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from '../../shared/api/storage.ts'
import type { Lister } from '../../shared/client/informer.ts'
import type { Fix, Reason } from '../../shared/machinery/scheduling-decision.ts'
import type { Change } from './change.ts'
import type { Allocation } from './devices/requests.ts'
import type { NodeInfo } from './node-info.ts'
import type { NodeInfos } from './node-infos.ts'
import type { PodInfo } from './pod-info.ts'

/** A filter that has looked at a pod and at the cluster as a whole, and now judges node by node. */
export interface Judge {
  /** None means that the pod may go there. */
  reasons(info: NodeInfo): readonly Reason[]
  /**
   * For what-if questions: counts a pod as on the node (1) or as gone from it (-1). Absent if only the pods of the node
   * that is asked about matter.
   */
  count?(other: PodInfo, node: Node, sign: 1 | -1): void
  /** Names of the only nodes worth asking about. */
  readonly only?: ReadonlySet<string>
}

/** A pod that fits nowhere, whatever the node (PreFilter). */
export interface Refusal {
  readonly refusal: Reason
}

/** What plugins may look at beside the pod. */
export interface Cluster {
  readonly infos: NodeInfos
  readonly listers: Listers
  readonly reservations: Reservations
}

/** Volumes and devices that pods which are being bound have chosen, before the API says so. */
interface Reservations {
  /** Names of volumes that are being bound to a claim. */
  readonly volumes: Set<string>
  /** Nodes that claims, as `namespace/name`, are being provisioned for. */
  readonly nodes: Map<string, string>
  /** What is being allocated to ResourceClaims, by their uids. */
  readonly devices: Map<string, Allocation>
}

export interface Listers {
  readonly namespaces: Lister<Namespace>
  readonly services: Lister<Service>
  readonly replicationControllers: Lister<ReplicationController>
  readonly replicaSets: Lister<ReplicaSet>
  readonly statefulSets: Lister<StatefulSet>
  readonly claims: Lister<PersistentVolumeClaim>
  readonly volumes: Lister<PersistentVolume>
  readonly storageClasses: Lister<StorageClass>
  readonly csiDrivers: Lister<CSIDriver>
  readonly csiNodes: Lister<CSINode>
  readonly csiCapacities: Lister<CSIStorageCapacity>
  readonly attachments: Lister<VolumeAttachment>
  readonly budgets: Lister<PodDisruptionBudget>
  readonly resourceClaims: Lister<ResourceClaim>
  readonly resourceSlices: Lister<ResourceSlice>
  readonly deviceClasses: Lister<DeviceClass>
}

/** A scheduling plugin: what it filters, how it scores, and which changes can help the pods that it rejected. */
export interface Plugin {
  /** Upstream's name. */
  readonly name: string
  /** Looks at the pod once; undefined if the plugin has nothing to say about it (Skip). */
  filter?(pod: PodInfo, cluster: Cluster): Judge | Refusal | undefined
  /** Whether a change can make a pod fit that this plugin rejected (QueueingHint). */
  helps?(change: Change, pod: PodInfo, cluster: Cluster): boolean
  readonly score?: Score
}

interface Score {
  readonly weight: number
  /** From 0 to 100 per node, in the order of `infos`; undefined if the plugin has nothing to say about the pod. */
  of(pod: PodInfo, infos: readonly NodeInfo[], cluster: Cluster): number[] | undefined
}

/** One reason that nothing but a change of the node or the pod can remove. */
export const unresolvable = (message: string, fix?: Fix): Reason[] => [
  { message, unresolvable: true, ...(fix && { fix }) },
]

/** One reason that the departure of other pods can remove. */
export const resolvable = (message: string, fix?: Fix): Reason[] => [
  { message, unresolvable: false, ...(fix && { fix }) },
]

export const none: readonly Reason[] = []
