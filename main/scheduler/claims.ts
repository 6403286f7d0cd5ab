import type { PersistentVolumeClaim } from '../../shared/api/core.ts'
import type { StorageClass } from '../../shared/api/storage.ts'
import { bindCompleted, classOf as classNameOf } from '../../shared/machinery/persistent-volumes.ts'
import { claimsOf, type PodInfo } from './pod-info.ts'
import type { Cluster } from './plugin.ts'

export const claimKey = ({ metadata }: PersistentVolumeClaim) => `${metadata.namespace ?? ''}/${metadata.name}`

/** The volume controller has finished binding the claim. */
export const isBound = ({ metadata, spec }: PersistentVolumeClaim) =>
  !!spec.volumeName && metadata.annotations?.[bindCompleted] !== undefined

/** Binding waits until a pod has chosen a node. */
export const waitsForConsumer = (storageClass: StorageClass | undefined) =>
  storageClass?.volumeBindingMode === 'WaitForFirstConsumer'

export const classOf = (claim: PersistentVolumeClaim, { listers }: Cluster) =>
  listers.storageClasses.get({ namespace: '', name: classNameOf(claim) })

/** The claims of a pod that exist. */
export const existingClaims = ({ pod, namespace }: PodInfo, { listers }: Cluster) =>
  claimsOf(pod).flatMap(({ name }) => listers.claims.get({ namespace, name }) ?? [])

/** The pod's claims that may be used by one pod alone. */
export const exclusiveClaims = (pod: PodInfo, cluster: Cluster) =>
  existingClaims(pod, cluster)
    .filter(({ spec }) => spec.accessModes?.includes('ReadWriteOncePod'))
    .map(claimKey)

/** Whether a change is about a claim of the pod. */
export const isClaimOf = (claim: PersistentVolumeClaim, pod: PodInfo) => pod.claims.includes(claimKey(claim))
