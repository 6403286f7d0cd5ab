import type { V1ControllerRevision } from '@kubernetes/client-node/dist/gen/models/V1ControllerRevision.js'
import type { V1DaemonSet } from '@kubernetes/client-node/dist/gen/models/V1DaemonSet.js'
import type { V1Deployment } from '@kubernetes/client-node/dist/gen/models/V1Deployment.js'
import type { V1ReplicaSet } from '@kubernetes/client-node/dist/gen/models/V1ReplicaSet.js'
import type { V1StatefulSet } from '@kubernetes/client-node/dist/gen/models/V1StatefulSet.js'
import type { Stored, StoredSpec } from './object.ts'
import type { ResourceRef } from './ref.ts'

/** A snapshot of a workload's template; `data` is any JSON object. */
export interface ControllerRevision extends Stored<Omit<V1ControllerRevision, 'data'>> {
  data?: unknown
}
export interface DaemonSet extends StoredSpec<V1DaemonSet> {}
export interface Deployment extends StoredSpec<V1Deployment> {}
export interface ReplicaSet extends StoredSpec<V1ReplicaSet> {}
export interface StatefulSet extends StoredSpec<V1StatefulSet> {}

const apps = { group: 'apps', version: 'v1' } as const

export const controllerRevisions: ResourceRef<ControllerRevision> = {
  ...apps,
  resource: 'controllerrevisions',
  kind: 'ControllerRevision',
  namespaced: true,
}
export const daemonSets: ResourceRef<DaemonSet> = {
  ...apps,
  resource: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
}
export const deployments: ResourceRef<Deployment> = {
  ...apps,
  resource: 'deployments',
  kind: 'Deployment',
  namespaced: true,
}
export const replicaSets: ResourceRef<ReplicaSet> = {
  ...apps,
  resource: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
}
export const statefulSets: ResourceRef<StatefulSet> = {
  ...apps,
  resource: 'statefulsets',
  kind: 'StatefulSet',
  namespaced: true,
}
