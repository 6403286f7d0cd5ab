import type { V1CustomResourceColumnDefinition } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceColumnDefinition.js'
import type { V1CustomResourceConversion } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceConversion.js'
import type { V1CustomResourceDefinition } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceDefinition.js'
import type { V1CustomResourceDefinitionCondition } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceDefinitionCondition.js'
import type { V1CustomResourceDefinitionNames } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceDefinitionNames.js'
import type { V1CustomResourceDefinitionSpec } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceDefinitionSpec.js'
import type { V1CustomResourceDefinitionVersion } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceDefinitionVersion.js'
import type { V1CustomResourceSubresources } from '@kubernetes/client-node/dist/gen/models/V1CustomResourceSubresources.js'
import type { V1SelectableField } from '@kubernetes/client-node/dist/gen/models/V1SelectableField.js'
import type { Stored, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

/** One version of a definition; its schema is what JSON carries, not the model's form of it. */
export interface CustomResourceVersion extends Omit<
  Wire<V1CustomResourceDefinitionVersion>,
  'schema' | 'subresources'
> {
  schema?: { openAPIV3Schema?: object }
  subresources?: CustomResourceSubresources
}
export interface CustomResourceDefinitionSpec extends Omit<Wire<V1CustomResourceDefinitionSpec>, 'versions'> {
  versions: CustomResourceVersion[]
}
export interface CustomResourceDefinition extends Omit<Stored<V1CustomResourceDefinition>, 'spec'> {
  spec: CustomResourceDefinitionSpec
}
export interface CustomResourceColumn extends Wire<V1CustomResourceColumnDefinition> {}
export interface CustomResourceCondition extends Wire<V1CustomResourceDefinitionCondition> {}
export interface CustomResourceConversion extends Wire<V1CustomResourceConversion> {}
export interface CustomResourceNames extends Wire<V1CustomResourceDefinitionNames> {}
export interface CustomResourceSubresources extends Omit<Wire<V1CustomResourceSubresources>, 'status'> {
  status?: object
}
export interface SelectableField extends Wire<V1SelectableField> {}

export const customResourceDefinitions: ResourceRef<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}

/** Whether a condition of a definition is True. */
export function isConditionTrue({ status }: CustomResourceDefinition, type: string): boolean {
  return status?.conditions?.find(condition => condition.type === type)?.status === 'True'
}
