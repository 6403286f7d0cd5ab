import type { V1RuntimeClass } from '@kubernetes/client-node/dist/gen/models/V1RuntimeClass.js'
import type { Stored } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface RuntimeClass extends Stored<V1RuntimeClass> {}

export const runtimeClasses: ResourceRef<RuntimeClass> = {
  group: 'node.k8s.io',
  version: 'v1',
  resource: 'runtimeclasses',
  kind: 'RuntimeClass',
  namespaced: false,
}
