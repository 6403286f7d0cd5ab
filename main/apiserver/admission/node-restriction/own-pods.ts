import { nodes, pods, type Pod } from '../../../../shared/api/core.ts'
import { quote } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import type { Store } from '../../../store/store.ts'
import { refersToAny } from '../../authz/pod-references.ts'
import { find } from '../../registry/find.ts'
import type { AdmissionRequest } from '../admission.ts'

const mirror = 'kubernetes.io/config.mirror'

/** Why a node may not do this to a pod: it makes mirror pods, and else only deletes, evicts and reports its own. */
export function podFault(store: Store, nodeName: string, request: AdmissionRequest): string | undefined {
  const { operation, subresource, object, old, namespace, name } = request
  const self = `node ${quote(nodeName)}`
  switch (subresource) {
    case '':
      if (operation === 'CREATE') return mirrorFault(store, nodeName, object as Pod)
      if (operation !== 'DELETE') {
        return `unexpected operation "${operation}", ${self} can only create and delete mirror pods`
      }
      return isOn(old as Pod | undefined, nodeName)
        ? undefined
        : `${self} can only delete pods with spec.nodeName set to itself`
    case 'status':
      return operation === 'UPDATE'
        ? statusFault(nodeName, object as Pod, old as Pod)
        : `unexpected operation "${operation}"`
    case 'eviction':
      return isOn(find(store, pods, { namespace, name }), nodeName)
        ? undefined
        : `node ${nodeName} can only evict pods with spec.nodeName set to itself`
    default:
      return `unexpected pod subresource ${quote(subresource)}, only 'status' and 'eviction' are allowed`
  }
}

/** A pod that is not there fails by itself. */
const isOn = (pod: Pod | undefined, nodeName: string) => !pod || pod.spec.nodeName === nodeName

function mirrorFault(store: Store, nodeName: string, pod: Pod): string | undefined {
  const self = `node ${quote(nodeName)}`
  const { annotations, ownerReferences = [] } = pod.metadata
  if (annotations?.[mirror] === undefined) {
    return `pod does not have "${mirror}" annotation, ${self} can only create mirror pods`
  }
  if (pod.spec.nodeName !== nodeName) return `${self} can only create pods with spec.nodeName set to itself`
  if (ownerReferences.length > 1) {
    return `${self} can only create pods with a single owner reference set to itself`
  }
  const [owner] = ownerReferences
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName) {
    return `${self} can only create pods with an owner reference set to itself`
  }
  if (!owner.controller) return `${self} can only create pods with a controller owner reference set to itself`
  if (owner.blockOwnerDeletion) return `${self} must not set blockOwnerDeletion on an owner reference`
  const uid = find(store, nodes, { namespace: '', name: nodeName })?.metadata.uid ?? ''
  if (owner.uid !== uid) return `node ${nodeName} UID mismatch: expected ${owner.uid} got ${uid}`
  const referenced = referencedBy(pod)
  return referenced && `${self} can not create pods that reference ${referenced}`
}

/** Objects of the API that a pod needs, which would let a node read them (pkg/api/pod HasAPIObjectReference). */
function referencedBy(pod: Pod): string | undefined {
  const { serviceAccountName, resourceClaims = [], volumes = [] } = pod.spec
  if (serviceAccountName) return 'serviceaccounts'
  if (refersToAny(pod, 'secrets')) return 'secrets'
  if (refersToAny(pod, 'configmaps')) return 'configmaps'
  if (resourceClaims.length > 0) return 'resourceclaims'
  for (const { csi, glusterfs, persistentVolumeClaim, ephemeral, projected } of volumes) {
    if (csi) return 'csidrivers (via CSI volumes)'
    if (glusterfs) return 'endpoints (via glusterFS volumes)'
    if (persistentVolumeClaim) return 'persistentvolumeclaims'
    if (ephemeral) return 'persistentvolumeclaims (via ephemeral volumes)'
    for (const source of projected?.sources ?? []) {
      if (source.serviceAccountToken) return 'serviceaccounts (via projected volumes)'
      if (source.clusterTrustBundle) return 'clustertrustbundles'
      if (source.podCertificate) return 'podcertificates'
    }
  }
  return undefined
}

function statusFault(nodeName: string, pod: Pod, old: Pod): string | undefined {
  const self = `node ${quote(nodeName)}`
  if (old.spec.nodeName !== nodeName) {
    return `${self} can only update pod status for pods with spec.nodeName set to itself`
  }
  if (!jsonEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {})) {
    return `${self} cannot update labels through pod status`
  }
  if (!jsonEqual(pod.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? [])) {
    return `${self} cannot update resource claim statues`
  }
  const [now, before] = [pod.status?.extendedResourceClaimStatus, old.status?.extendedResourceClaimStatus]
  return jsonEqual(now ?? null, before ?? null) ? undefined : `${self} cannot update extended resource claim status`
}
