import type { StatusCause } from '../../../shared/api/object.ts'
import { storageClasses, type StorageClass } from '../../../shared/api/storage.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { immutable, knownOnly, optionalOneOf } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { validateParameters, validateProvisioner } from './class-validation.ts'
import { validateTopologies } from './topology-validation.ts'
import { nodeLabelWarnings } from '../warnings/node-labels.ts'

const defaultAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

/** Whether claims without a class get this one (pkg/apis/storage/util IsDefaultAnnotation). */
export function isDefaultClass({ metadata: { annotations = {} } }: StorageClass): boolean {
  return defaultAnnotations.some(name => annotations[name] === 'true')
}

export const storageClass = defineResource(storageClasses, {
  shortNames: ['sc'],
  schema: () => schemaOf('io.k8s.api.storage.v1.StorageClass'),
  setDefaults: object => {
    object.reclaimPolicy ??= 'Delete'
    object.volumeBindingMode ??= 'Immediate'
  },
  warnings: ({ allowedTopologies = [] }) =>
    allowedTopologies.flatMap(({ matchLabelExpressions = [] }, i) =>
      matchLabelExpressions.flatMap(({ key }, j) =>
        nodeLabelWarnings(key, `allowedTopologies[${i}].matchLabelExpressions[${j}].key`),
      ),
    ),
  validate,
  validateUpdate: (object, old) => [...validate(object), ...validateSame(object, old)],
  columns: [
    { ...nameColumn, cell: object => `${object.metadata.name}${isDefaultClass(object) ? ' (default)' : ''}` },
    { name: 'Provisioner', type: 'string', cell: object => object.provisioner },
    { name: 'ReclaimPolicy', type: 'string', cell: object => object.reclaimPolicy ?? 'Delete' },
    { name: 'VolumeBindingMode', type: 'string', cell: object => object.volumeBindingMode ?? 'Immediate' },
    { name: 'AllowVolumeExpansion', type: 'string', cell: object => object.allowVolumeExpansion ?? false },
    ageColumn,
  ],
})

function validate(object: StorageClass): StatusCause[] {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode = '', allowedTopologies = [] } = object
  return [
    ...validateProvisioner('provisioner', provisioner),
    ...validateParameters('parameters', parameters),
    ...optionalOneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...knownOnly('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
    ...validateTopologies(allowedTopologies, 'allowedTopologies'),
  ]
}

function validateSame(object: StorageClass, old: StorageClass): StatusCause[] {
  const fields = ['provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const
  return [
    ...fields.filter(field => object[field] !== old[field]).map(field => invalid(field, object[field], immutable)),
    ...(jsonEqual(object.parameters ?? {}, old.parameters ?? {})
      ? []
      : [invalid('parameters', object.parameters, immutable)]),
  ]
}
