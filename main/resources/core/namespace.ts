import { namespaces, type Namespace } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { index, invalid } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Label, isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { validateStandardFinalizer } from '../object-meta.ts'
import { defineResource, type Verb } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

/** Namespaces can't be deleted together. */
const verbs: readonly Verb[] = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']
const nameLabel = 'kubernetes.io/metadata.name'

export const namespace = defineResource(namespaces, {
  shortNames: ['ns'],
  verbs,
  schema: () => schemaOf('io.k8s.api.core.v1.Namespace'),
  setDefaults: object => {
    if (object.metadata.name) labelWithName(object)
    object.status = { ...object.status, phase: object.status?.phase || 'Active' }
  },
  prepareForCreate: object => {
    labelWithName(object)
    object.status = { phase: 'Active' }
    const finalizers = object.spec?.finalizers ?? []
    if (!finalizers.includes('kubernetes')) object.spec = { ...object.spec, finalizers: [...finalizers, 'kubernetes'] }
  },
  prepareForUpdate: (object, old) => {
    labelWithName(object)
    const { finalizers } = old.spec ?? {}
    object.spec = { ...object.spec, ...(finalizers && { finalizers: [...finalizers] }) }
    if (!finalizers) delete object.spec.finalizers
  },
  validate: object => validateFinalizers(object, () => 'spec.finalizers'),
  validateName: isDns1123Label,
  status: { validateUpdate: validatePhase },
  fields: { 'status.phase': object => object.status?.phase ?? '', name: object => object.metadata.name },
  columns: [nameColumn, { name: 'Status', type: 'string', cell: object => object.status?.phase ?? '' }, ageColumn],
})

function labelWithName({ metadata }: Namespace): void {
  metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name }
}

/** Faults of an update through `/finalize`. */
export function validateFinalize(object: Namespace): StatusCause[] {
  return validateFinalizers(object, i => index('spec.finalizers', i))
}

function validateFinalizers(object: Namespace, path: (i: number) => string): StatusCause[] {
  return (object.spec?.finalizers ?? []).flatMap((finalizer, i) => [
    ...invalidFor(path(i), finalizer, isQualifiedName(finalizer)),
    ...validateStandardFinalizer(finalizer, path(i)),
  ])
}

function validatePhase({ metadata, status }: Namespace): StatusCause[] {
  const phase = status?.phase ?? ''
  // Upstream writes the field with a capital.
  const fault = (detail: string) => [invalid('status.Phase', phase, detail)]
  if (!metadata.deletionTimestamp) {
    return phase === 'Active' ? [] : fault("may only be 'Active' if `deletionTimestamp` is empty")
  }
  return phase === 'Terminating' ? [] : fault("may only be 'Terminating' if `deletionTimestamp` is not empty")
}
