import type { V1Deployment } from '@kubernetes/client-node/dist/gen/models/V1Deployment.js'
import type { V1ReplicaSet } from '@kubernetes/client-node/dist/gen/models/V1ReplicaSet.js'
import type { StoredSpec } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface Deployment extends StoredSpec<V1Deployment> {}
export interface ReplicaSet extends StoredSpec<V1ReplicaSet> {}

const apps = { group: 'apps', version: 'v1' } as const

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
