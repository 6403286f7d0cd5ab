import type { V1Ingress } from '@kubernetes/client-node/dist/gen/models/V1Ingress.js'
import type { V1IngressBackend } from '@kubernetes/client-node/dist/gen/models/V1IngressBackend.js'
import type { V1IngressClass } from '@kubernetes/client-node/dist/gen/models/V1IngressClass.js'
import type { V1IPAddress } from '@kubernetes/client-node/dist/gen/models/V1IPAddress.js'
import type { V1NetworkPolicy } from '@kubernetes/client-node/dist/gen/models/V1NetworkPolicy.js'
import type { V1ServiceCIDR } from '@kubernetes/client-node/dist/gen/models/V1ServiceCIDR.js'
import type { StoredSpec, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface Ingress extends StoredSpec<V1Ingress> {}
export interface IngressBackend extends Wire<V1IngressBackend> {}
export interface IngressClass extends StoredSpec<V1IngressClass> {}
export interface IPAddress extends StoredSpec<V1IPAddress> {}
export interface NetworkPolicy extends StoredSpec<V1NetworkPolicy> {}
export interface ServiceCIDR extends StoredSpec<V1ServiceCIDR> {}

const networking = { group: 'networking.k8s.io', version: 'v1' } as const

export const ingressClasses: ResourceRef<IngressClass> = {
  ...networking,
  resource: 'ingressclasses',
  kind: 'IngressClass',
  namespaced: false,
}
export const ingresses: ResourceRef<Ingress> = {
  ...networking,
  resource: 'ingresses',
  kind: 'Ingress',
  namespaced: true,
}
export const ipAddresses: ResourceRef<IPAddress> = {
  ...networking,
  resource: 'ipaddresses',
  kind: 'IPAddress',
  namespaced: false,
}
export const networkPolicies: ResourceRef<NetworkPolicy> = {
  ...networking,
  resource: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
}
export const serviceCidrs: ResourceRef<ServiceCIDR> = {
  ...networking,
  resource: 'servicecidrs',
  kind: 'ServiceCIDR',
  namespaced: false,
}
