import { expect, test } from 'vitest'
import { storageVersionHash } from './storage-version-hash.ts'

const hash = (group: string, version: string, kind: string) =>
  storageVersionHash({ group, version, kind, resource: '', namespaced: false })

test('hashes are those of a kube-apiserver v1.36', () => {
  expect(hash('apiregistration.k8s.io', 'v1', 'APIService')).toBe('InPBPD7+PqM=')
  expect(hash('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')).toBe('jfWCUB31mvA=')
  expect(hash('admissionregistration.k8s.io', 'v1', 'MutatingAdmissionPolicyBinding')).toBe('90V5FRZZ3Zg=')
})
