import { createHash } from 'node:crypto'
import type { ResourceRef } from '../../../shared/api/ref.ts'

/** Kinds that upstream still stores in another version than the one that is served (kubernetes/pkg/kubeapiserver). */
const storedIn = new Map([
  ['apiextensions.k8s.io/CustomResourceDefinition', 'v1beta1'],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicy', 'v1beta1'],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicyBinding', 'v1beta1'],
])

/** base64 of the first 8 bytes of SHA-256 over `group/version/kind` (apiserver/pkg/endpoints/discovery/storageversionhash.go). */
export function storageVersionHash({ group, version, kind }: ResourceRef): string {
  const digest = createHash('sha256')
    .update(`${group}/${storedIn.get(`${group}/${kind}`) ?? version}/${kind}`)
    .digest()
  return digest.subarray(0, 8).toString('base64')
}
