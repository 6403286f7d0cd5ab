import { namespaces } from '../../../../shared/api/core.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { matchesRequirements, requirementsOf, type LabelSelector } from '../../../../shared/machinery/selectors.ts'
import { notFound, type StatusError } from '../../../../shared/machinery/status.ts'
import type { Store } from '../../../store/store.ts'
import { find } from '../../registry/find.ts'
import type { AdmissionRequest } from '../admission.ts'
import { isNamespace } from './rules.ts'

/**
 * Whether the namespace that a request is about is selected; requests outside of any namespace are, whatever the selector
 * (predicates/namespace). Being asked about a namespace that is missing is an answer, too: it counts only if all else
 * matches.
 */
export function matchesNamespace(
  store: Store,
  request: AdmissionRequest,
  selector: LabelSelector | undefined,
): boolean | StatusError {
  const about = isNamespace(request.resource.ref)
  if (!about && request.namespace === '') return true
  const requirements = requirementsOf(selector ?? {})
  if (requirements.length === 0) return true
  const namespace = namespaceOf(store, request)
  if (namespace) return matchesRequirements(requirements, namespace.metadata.labels)
  return notFound({ group: '', resource: 'namespaces', name: about ? request.name : request.namespace })
}

/** The namespace that a request is in or about, as it will be. Requests about cluster-scoped objects have none. */
export function namespaceOf(store: Store, request: AdmissionRequest): KubeObject | undefined {
  const { resource, operation, subresource, object } = request
  const about = isNamespace(resource.ref)
  if (about && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE')) return object
  const name = about ? request.name : request.namespace
  return name === '' ? undefined : find(store, namespaces, { namespace: '', name })
}

/** Whether the object as it will be or as it was is selected (predicates/object). */
export function matchesObject({ object, old }: AdmissionRequest, selector: LabelSelector | undefined): boolean {
  const requirements = requirementsOf(selector ?? {})
  if (requirements.length === 0) return true
  return [object, old].some(one => one !== undefined && matchesRequirements(requirements, one.metadata.labels))
}
