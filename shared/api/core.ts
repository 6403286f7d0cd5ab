import type { CoreV1Event } from '@kubernetes/client-node/dist/gen/models/CoreV1Event.js'
import type { V1Binding } from '@kubernetes/client-node/dist/gen/models/V1Binding.js'
import type { V1ComponentStatus } from '@kubernetes/client-node/dist/gen/models/V1ComponentStatus.js'
import type { V1ConfigMap } from '@kubernetes/client-node/dist/gen/models/V1ConfigMap.js'
import type { V1Container } from '@kubernetes/client-node/dist/gen/models/V1Container.js'
import type { V1ContainerStatus } from '@kubernetes/client-node/dist/gen/models/V1ContainerStatus.js'
import type { V1Endpoints } from '@kubernetes/client-node/dist/gen/models/V1Endpoints.js'
import type { V1LimitRange } from '@kubernetes/client-node/dist/gen/models/V1LimitRange.js'
import type { V1Namespace } from '@kubernetes/client-node/dist/gen/models/V1Namespace.js'
import type { V1Node } from '@kubernetes/client-node/dist/gen/models/V1Node.js'
import type { V1PersistentVolume } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolume.js'
import type { V1PersistentVolumeClaim } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolumeClaim.js'
import type { V1PersistentVolumeClaimSpec } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolumeClaimSpec.js'
import type { V1PersistentVolumeSpec } from '@kubernetes/client-node/dist/gen/models/V1PersistentVolumeSpec.js'
import type { V1Pod } from '@kubernetes/client-node/dist/gen/models/V1Pod.js'
import type { V1PodSpec } from '@kubernetes/client-node/dist/gen/models/V1PodSpec.js'
import type { V1PodTemplate } from '@kubernetes/client-node/dist/gen/models/V1PodTemplate.js'
import type { V1PodTemplateSpec } from '@kubernetes/client-node/dist/gen/models/V1PodTemplateSpec.js'
import type { V1Probe } from '@kubernetes/client-node/dist/gen/models/V1Probe.js'
import type { V1ReplicationController } from '@kubernetes/client-node/dist/gen/models/V1ReplicationController.js'
import type { V1ResourceQuota } from '@kubernetes/client-node/dist/gen/models/V1ResourceQuota.js'
import type { V1Secret } from '@kubernetes/client-node/dist/gen/models/V1Secret.js'
import type { V1Service } from '@kubernetes/client-node/dist/gen/models/V1Service.js'
import type { V1ServiceAccount } from '@kubernetes/client-node/dist/gen/models/V1ServiceAccount.js'
import type { V1Volume } from '@kubernetes/client-node/dist/gen/models/V1Volume.js'
import type { Stored, StoredSpec, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface Binding extends Stored<V1Binding> {}
export interface ConfigMap extends Stored<V1ConfigMap> {}
export interface ComponentStatus extends Stored<V1ComponentStatus> {}
export interface Endpoints extends Stored<V1Endpoints> {}
export interface KubeEvent extends Stored<CoreV1Event> {}
export interface LimitRange extends StoredSpec<V1LimitRange> {}
export interface Namespace extends Stored<V1Namespace> {}
export interface Node extends Stored<V1Node> {}
export interface PersistentVolume extends StoredSpec<V1PersistentVolume> {}
export interface PersistentVolumeClaim extends StoredSpec<V1PersistentVolumeClaim> {}
export interface Pod extends StoredSpec<V1Pod> {}
export interface PodTemplate extends Stored<V1PodTemplate> {}
export interface ReplicationController extends StoredSpec<V1ReplicationController> {}
export interface ResourceQuota extends StoredSpec<V1ResourceQuota> {}
export interface Secret extends Stored<V1Secret> {}
export interface Service extends StoredSpec<V1Service> {}
export interface ServiceAccount extends Stored<V1ServiceAccount> {}

export interface Container extends Wire<V1Container> {}
export interface ContainerStatus extends Wire<V1ContainerStatus> {}
export interface PersistentVolumeClaimSpec extends Wire<V1PersistentVolumeClaimSpec> {}
export interface PersistentVolumeSpec extends Wire<V1PersistentVolumeSpec> {}
export interface PodSpec extends Wire<V1PodSpec> {}
export interface PodTemplateSpec extends Wire<V1PodTemplateSpec> {}
export interface Probe extends Wire<V1Probe> {}
export interface Volume extends Wire<V1Volume> {}

const core = { group: '', version: 'v1' } as const

export const componentStatuses: ResourceRef<ComponentStatus> = {
  ...core,
  resource: 'componentstatuses',
  kind: 'ComponentStatus',
  namespaced: false,
}
export const configMaps: ResourceRef<ConfigMap> = {
  ...core,
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
}
export const endpoints: ResourceRef<Endpoints> = { ...core, resource: 'endpoints', kind: 'Endpoints', namespaced: true }
export const events: ResourceRef<KubeEvent> = { ...core, resource: 'events', kind: 'Event', namespaced: true }
export const limitRanges: ResourceRef<LimitRange> = {
  ...core,
  resource: 'limitranges',
  kind: 'LimitRange',
  namespaced: true,
}
export const namespaces: ResourceRef<Namespace> = {
  ...core,
  resource: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
}
export const nodes: ResourceRef<Node> = { ...core, resource: 'nodes', kind: 'Node', namespaced: false }
export const persistentVolumeClaims: ResourceRef<PersistentVolumeClaim> = {
  ...core,
  resource: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
}
export const persistentVolumes: ResourceRef<PersistentVolume> = {
  ...core,
  resource: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
}
export const pods: ResourceRef<Pod> = { ...core, resource: 'pods', kind: 'Pod', namespaced: true }
export const podTemplates: ResourceRef<PodTemplate> = {
  ...core,
  resource: 'podtemplates',
  kind: 'PodTemplate',
  namespaced: true,
}
export const replicationControllers: ResourceRef<ReplicationController> = {
  ...core,
  resource: 'replicationcontrollers',
  kind: 'ReplicationController',
  namespaced: true,
}
export const resourceQuotas: ResourceRef<ResourceQuota> = {
  ...core,
  resource: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
}
export const secrets: ResourceRef<Secret> = { ...core, resource: 'secrets', kind: 'Secret', namespaced: true }
export const services: ResourceRef<Service> = { ...core, resource: 'services', kind: 'Service', namespaced: true }
export const serviceAccounts: ResourceRef<ServiceAccount> = {
  ...core,
  resource: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
}
