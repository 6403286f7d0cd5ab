import type { V1FlowSchema } from '@kubernetes/client-node/dist/gen/models/V1FlowSchema.js'
import type { V1PriorityLevelConfiguration } from '@kubernetes/client-node/dist/gen/models/V1PriorityLevelConfiguration.js'
import type { StoredSpec } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface FlowSchema extends StoredSpec<V1FlowSchema> {}
export interface PriorityLevelConfiguration extends StoredSpec<V1PriorityLevelConfiguration> {}

const flowcontrol = { group: 'flowcontrol.apiserver.k8s.io', version: 'v1' } as const

export const flowSchemas: ResourceRef<FlowSchema> = {
  ...flowcontrol,
  resource: 'flowschemas',
  kind: 'FlowSchema',
  namespaced: false,
}
export const priorityLevelConfigurations: ResourceRef<PriorityLevelConfiguration> = {
  ...flowcontrol,
  resource: 'prioritylevelconfigurations',
  kind: 'PriorityLevelConfiguration',
  namespaced: false,
}
