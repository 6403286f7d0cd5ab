import type { KubeObject, OwnerReference, StatusCause } from '../../shared/api/object.ts'
import type { ResourceRef } from '../../shared/api/ref.ts'
import { child, forbidden, index, invalid, quote, required, tooLong } from '../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../shared/machinery/json-value.ts'
import {
  byteLength,
  isDns1123Label,
  isDns1123Subdomain,
  isPathSegmentName,
  isQualifiedName,
} from '../../shared/machinery/names.ts'
import { immutable, invalidFor, nonNegative } from './faults.ts'
import { validateLabels } from './labels.ts'

/** Keys and values of all annotations together, in bytes. */
const annotationLimit = 256 * 1024

interface NameRules {
  readonly ref: Pick<ResourceRef, 'namespaced'>
  readonly validateName?: (name: string) => string[]
  /** True: finalizers without a domain are nobody's and allowed (custom resources and their definitions). */
  readonly anyFinalizer?: boolean
}

/**
 * What is wrong with the metadata of a new object (apimachinery/pkg/api/validation/objectmeta.go). The name is checked
 * by the kind's rule, and by that of a DNS subdomain without one.
 */
export function validateObjectMeta(
  object: KubeObject,
  { ref, validateName = isDns1123Subdomain, anyFinalizer = false }: NameRules,
): StatusCause[] {
  const { generateName = '' } = object.metadata
  // Absent in what a client sent, whatever the type of stored objects says.
  const name = (object.metadata.name as string | undefined) ?? ''
  return [
    ...(generateName ? invalidFor('metadata.generateName', generateName, validateName(asPrefix(generateName))) : []),
    ...(name ? validateWith(name, validateName) : [required('metadata.name', 'name or generateName is required')]),
    ...validateNamespace(object.metadata.namespace ?? '', ref.namespaced),
    ...validateRest(object),
    ...validateFinalizers(object.metadata.finalizers ?? [], anyFinalizer),
  ]
}

/** Every name must fit into a URL, whatever the kind asks of it. */
function validateWith(name: string, validateName: (name: string) => string[]): StatusCause[] {
  const own = validateName(name)
  return invalidFor('metadata.name', name, own.length > 0 ? own : isPathSegmentName(name))
}

/** A generated name goes on after the prefix, so that one may end in a dash. */
const asPrefix = (prefix: string) => (prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix)

function validateNamespace(namespace: string, namespaced: boolean): StatusCause[] {
  const path = 'metadata.namespace'
  if (!namespaced) return namespace ? [forbidden(path, 'not allowed on this type')] : []
  return namespace ? invalidFor(path, namespace, isDns1123Label(namespace)) : [required(path)]
}

function validateRest({ metadata }: KubeObject): StatusCause[] {
  return [
    ...nonNegative('metadata.generation', metadata.generation),
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations ?? {}, 'metadata.annotations'),
    ...validateOwnerReferences(metadata.ownerReferences ?? []),
  ]
}

/** Names of annotations, and their size together. */
export function validateAnnotations(annotations: Record<string, string>, path: string): StatusCause[] {
  const entries = Object.entries(annotations)
  const size = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return [
    ...entries.flatMap(([key]) => invalidFor(path, key, isQualifiedName(key.toLowerCase()))),
    ...(size > annotationLimit ? [tooLong(path, annotationLimit)] : []),
  ]
}

function validateOwnerReferences(references: OwnerReference[]): StatusCause[] {
  const path = 'metadata.ownerReferences'
  const faults = references.flatMap(reference => validateOwnerReference(reference, path))
  const [first, ...others] = references.filter(reference => reference.controller === true)
  for (const other of others) {
    const both = `${first?.kind ?? ''}/${first?.name ?? ''} and ${other.kind}/${other.name}`
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${both}`
    faults.push(invalid(path, references, detail))
  }
  return faults
}

function validateOwnerReference(reference: OwnerReference, path: string): StatusCause[] {
  const { apiVersion, kind, name, uid } = reference
  const filled = (field: string, value: string | undefined, detail = 'must not be empty') =>
    value ? [] : [invalid(child(path, field), value ?? '', detail)]
  return [
    ...filled('apiVersion', apiVersion, 'version must not be empty'),
    ...filled('kind', kind),
    ...filled('name', name),
    ...filled('uid', uid),
    ...(apiVersion === 'v1' && kind === 'Event'
      ? [invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner')]
      : []),
  ]
}

function validateFinalizers(finalizers: string[], any: boolean): StatusCause[] {
  const path = 'metadata.finalizers'
  const faults = finalizers.flatMap(finalizer => invalidFor(path, finalizer, isQualifiedName(finalizer)))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    faults.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  if (any) return faults
  finalizers.forEach((finalizer, i) => faults.push(...validateStandardFinalizer(finalizer, index(path, i))))
  return faults
}

/** Names without a domain belong to Kubernetes (pkg/apis/core/validation validateKubeFinalizerName). */
export function validateStandardFinalizer(finalizer: string, path: string): StatusCause[] {
  const known = finalizer.includes('/') || ['kubernetes', 'orphan', 'foregroundDeletion'].includes(finalizer)
  const detail = 'name is neither a standard finalizer name nor is it fully qualified'
  return known ? [] : [invalid(path, finalizer, detail)]
}

const kept = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

/** What is wrong with the metadata of a changed object (ValidateObjectMetaUpdate). */
export function validateObjectMetaUpdate(
  object: KubeObject,
  old: KubeObject,
  { anyFinalizer = false }: Pick<NameRules, 'anyFinalizer'> = {},
): StatusCause[] {
  const { metadata } = object
  const faults: StatusCause[] = []
  if (old.metadata.deletionTimestamp !== undefined) {
    const added = (metadata.finalizers ?? []).filter(finalizer => !old.metadata.finalizers?.includes(finalizer)).sort()
    if (added.length > 0) {
      const list = `[]string{${added.map(quote).join(', ')}}`
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
      faults.push(forbidden('metadata.finalizers', detail))
    }
  }
  if (!metadata.resourceVersion) {
    faults.push(invalid('metadata.resourceVersion', metadata.resourceVersion ?? '', 'must be specified for an update'))
  }
  if ((metadata.generation ?? 0) < (old.metadata.generation ?? 0)) {
    faults.push(invalid('metadata.generation', metadata.generation ?? 0, 'must not be decremented'))
  }
  for (const field of kept) {
    if (!jsonEqual(metadata[field], old.metadata[field]))
      faults.push(invalid(`metadata.${field}`, metadata[field], immutable))
  }
  return [...faults, ...validateRest(object), ...validateFinalizers(metadata.finalizers ?? [], anyFinalizer)]
}
