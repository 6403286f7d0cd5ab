import { signers, type CertificateSigningRequest } from '../../../../shared/api/certificates.ts'
import type { PersistentVolumeClaim } from '../../../../shared/api/core.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { groupResourceOf } from '../../../../shared/api/ref.ts'
import type { ResourceSlice } from '../../../../shared/api/resource.ts'
import { parseCertificateRequest } from '../../../../shared/machinery/certificate-request.ts'
import { quote } from '../../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { forbidden } from '../../../../shared/machinery/status.ts'
import type { Store } from '../../../store/store.ts'
import { nodeNameOf } from '../../authz/node.ts'
import type { Authorizer } from '../../filters/authorize.ts'
import { subjectOf } from '../../registry/core.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { nodeFault } from './own-node.ts'
import { podFault } from './own-pods.ts'
import { tokenFault } from './own-tokens.ts'

interface Options {
  store: Store
  authorizer: Authorizer
}

/** Keeps kubelets to their own node and its pods, where the authorizer can't see it (plugin/pkg/admission/noderestriction). */
export function nodeRestriction({ store, authorizer }: Options): AdmissionPlugin {
  const faultOf = (nodeName: string, request: AdmissionRequest) => {
    const { resource, subresource, operation } = request
    switch (groupResourceOf(resource.ref)) {
      case 'pods':
        return podFault(store, nodeName, request)
      case 'nodes':
        return nodeFault(nodeName, request)
      case 'persistentvolumeclaims':
        return claimFault(nodeName, request)
      case 'serviceaccounts':
        return operation === 'CREATE' && subresource === 'token'
          ? tokenFault({ store, authorizer, nodeName }, request)
          : undefined
      case 'leases.coordination.k8s.io':
        if (request.namespace !== 'kube-node-lease')
          return 'can only access leases in the "kube-node-lease" system namespace'
        return ownName(nodeName, request, 'node lease')
      case 'csinodes.storage.k8s.io':
        return ownName(nodeName, request, 'CSINode')
      case 'resourceslices.resource.k8s.io':
        return sliceFault(nodeName, request)
      case 'certificatesigningrequests.certificates.k8s.io':
        return certificateFault(nodeName, request)
      default:
        return undefined
    }
  }
  const restrict = async (nodeName: string, request: AdmissionRequest) => {
    const { user, resource, name } = request
    const why =
      nodeName === '' ? `could not determine node from user ${quote(user.name)}` : await faultOf(nodeName, request)
    return why === undefined ? undefined : forbidden(subjectOf(resource, name), why)
  }
  return {
    name: 'NodeRestriction',
    mutate(request) {
      const nodeName = nodeNameOf(request.user)
      return nodeName === undefined ? undefined : restrict(nodeName, request)
    },
  }
}

function ownName(nodeName: string, { name }: AdmissionRequest, what: string): string | undefined {
  return name === nodeName ? undefined : `can only access ${what} with the same name as the requesting node`
}

/** A kubelet reports how far a claim has been resized. */
function claimFault(nodeName: string, { subresource, operation, object, old }: AdmissionRequest): string | undefined {
  if (subresource !== 'status') return 'may only update PVC status'
  if (operation !== 'UPDATE' || !object || !old) return `unexpected operation "${operation}"`
  if (jsonEqual(fixedPart(object), fixedPart(old))) return undefined
  return `node ${quote(nodeName)} is not allowed to update fields other than status.quantity and status.conditions`
}

function fixedPart(object: KubeObject) {
  const { status, metadata, ...rest } = object as PersistentVolumeClaim
  const { resourceVersion: _, managedFields: __, ...fixedMetadata } = metadata
  const { capacity: _c, conditions: _d, allocatedResources: _e, allocatedResourceStatuses: _f, ...fixed } = status ?? {}
  return { ...rest, metadata: fixedMetadata, status: fixed }
}

function sliceFault(nodeName: string, { operation, object, old }: AdmissionRequest): string | undefined {
  if (operation !== 'CREATE' && operation !== 'DELETE') return undefined
  const slice = (object ?? old) as ResourceSlice | undefined
  const verb = operation === 'CREATE' ? 'create' : 'delete'
  return slice?.spec.nodeName === nodeName
    ? undefined
    : `can only ${verb} ResourceSlice with the same NodeName as the requesting node`
}

function certificateFault(nodeName: string, { operation, subresource, object }: AdmissionRequest): string | undefined {
  if (operation !== 'CREATE' || subresource !== '' || !object) return undefined
  const { signerName, request } = (object as CertificateSigningRequest).spec
  if (signerName !== signers.kubeletServing && signerName !== signers.kubeletClient) return undefined
  let commonName: string
  try {
    commonName = parseCertificateRequest(request).commonName
  } catch (error) {
    return `unable to parse csr: ${error instanceof Error ? error.message : String(error)}`
  }
  return commonName === `system:node:${nodeName}`
    ? undefined
    : `can only create a node CSR with CN=system:node:${nodeName}`
}
