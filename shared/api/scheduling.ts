import type { V1PriorityClass } from '@kubernetes/client-node/dist/gen/models/V1PriorityClass.js'
import type { Stored } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface PriorityClass extends Stored<V1PriorityClass> {}

export const priorityClasses: ResourceRef<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  resource: 'priorityclasses',
  kind: 'PriorityClass',
  namespaced: false,
}
