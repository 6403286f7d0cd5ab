import type { V1CertificateSigningRequest } from '@kubernetes/client-node/dist/gen/models/V1CertificateSigningRequest.js'
import type { V1CertificateSigningRequestCondition } from '@kubernetes/client-node/dist/gen/models/V1CertificateSigningRequestCondition.js'
import type { StoredSpec, Wire } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface CertificateSigningRequest extends StoredSpec<V1CertificateSigningRequest> {}
export interface CertificateSigningRequestCondition extends Wire<V1CertificateSigningRequestCondition> {}

export const certificateSigningRequests: ResourceRef<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  namespaced: false,
}

/** The signers that the cluster has itself (KEP-1513). */
export const signers = {
  client: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacy: 'kubernetes.io/legacy-unknown',
} as const
