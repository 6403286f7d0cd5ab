import {
  matching,
  recursiveDifference,
  type FieldPattern,
  type FieldSet,
} from '../../shared/machinery/managed-fields/field-set.ts'
import type { Resource } from './resource.ts'

const spec: FieldSet = { 'f:spec': {} }
const status: FieldSet = { 'f:status': {} }
const specAndMetadata: FieldSet = { 'f:metadata': {}, 'f:spec': {} }

/** Where strategies reset something else than `status` for the object and `spec` for its status (GetResetFields). */
const special: Partial<Record<string, FieldSet>> = {
  'apiregistration.k8s.io/apiservices/status': specAndMetadata,
  'admissionregistration.k8s.io/validatingadmissionpolicies/status': specAndMetadata,
  'apps/deployments/status': { 'f:metadata': { 'f:labels': {} }, 'f:spec': {} },
  'certificates.k8s.io/certificatesigningrequests': { 'f:spec': {}, 'f:status': {} },
  'certificates.k8s.io/certificatesigningrequests/status': { 'f:spec': {}, 'f:status': { 'f:conditions': {} } },
  'certificates.k8s.io/certificatesigningrequests/approval': { 'f:spec': {}, 'f:status': { 'f:certificate': {} } },
  '/namespaces/finalize': status,
  '/pods/status': { 'f:metadata': { 'f:deletionTimestamp': {}, 'f:ownerReferences': {} }, 'f:spec': {} },
  'flowcontrol.apiserver.k8s.io/flowschemas/status': specAndMetadata,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations/status': specAndMetadata,
  'networking.k8s.io/servicecidrs/status': specAndMetadata,
  'resource.k8s.io/resourceclaims/status': specAndMetadata,
  'storage.k8s.io/volumeattachments/status': specAndMetadata,
}

/** Subresources that can change a few fields only (GetResetFieldsFilter). */
const only: Partial<Record<string, FieldPattern>> = {
  '/pods/ephemeralcontainers': { 'f:spec': { 'f:ephemeralContainers': true } },
  '/pods/resize': {
    'f:spec': {
      'f:containers': { '*': { 'f:resources': true, 'f:resizePolicy': true } },
      'f:initContainers': { '*': { 'f:resources': true, 'f:resizePolicy': true } },
    },
  },
}

/** Leaves of a set of fields those that a write to the object or a subresource can change; the others get no manager by it. */
export function writableFields(resource: Resource, subresource: string): (fields: FieldSet) => FieldSet {
  const { group, resource: plural } = resource.ref
  const place = subresource === '' ? `${group}/${plural}` : `${group}/${plural}/${subresource}`
  const pattern = only[place]
  if (pattern) return fields => matching(fields, pattern)
  const reset = special[place] ?? usual(resource, subresource)
  return reset ? fields => recursiveDifference(fields, reset) : fields => fields
}

function usual(resource: Resource, subresource: string): FieldSet | undefined {
  if (subresource === '') return resource.status ? status : undefined
  if (subresource !== 'status') return undefined
  // A custom resource's status leaves all metadata alone.
  return resource.structural ? specAndMetadata : spec
}
