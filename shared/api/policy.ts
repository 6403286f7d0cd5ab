import type { V1PodDisruptionBudget } from '@kubernetes/client-node/dist/gen/models/V1PodDisruptionBudget.js'
import type { StoredSpec } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface PodDisruptionBudget extends StoredSpec<V1PodDisruptionBudget> {}

export const podDisruptionBudgets: ResourceRef<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  resource: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
}
