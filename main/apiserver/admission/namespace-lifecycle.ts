import { namespaces } from '../../../shared/api/core.ts'
import { forbidden, notFound } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import { find } from '../registry/find.ts'
import { subjectOf } from '../registry/core.ts'
import { concerns, type AdmissionPlugin } from './admission.ts'

/** Clusters don't work without these. */
const immortal = new Set(['default', 'kube-system', 'kube-public'])

/** Nothing is created in a namespace that is missing or going (apiserver/pkg/admission/plugin/namespace/lifecycle). */
export function namespaceLifecycle(store: Store): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    mutate(request) {
      const { operation, resource, name, namespace, subresource } = request
      if (operation === 'DELETE' && concerns(request, '', 'namespaces') && immortal.has(name)) {
        return forbidden(subjectOf(resource, name), 'this namespace may not be deleted')
      }
      if (!resource.ref.namespaced) return undefined
      // Reviews about a namespace may be made whether or not it is there.
      if (operation !== 'CREATE' || subresource !== '' || resource.ref.group === 'authorization.k8s.io')
        return undefined
      const found = find(store, namespaces, { namespace: '', name: namespace })
      if (!found) return notFound({ group: '', resource: 'namespaces', name: namespace })
      if (!found.metadata.deletionTimestamp) return undefined
      const why = `unable to create new content in namespace ${namespace} because it is being terminated`
      const refusal = forbidden(subjectOf(resource, name), why)
      refusal.status.details = {
        ...refusal.status.details,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      }
      return refusal
    },
  }
}
