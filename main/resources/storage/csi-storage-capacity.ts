import type { StatusCause } from '../../../shared/api/object.ts'
import { csiStorageCapacities, type CSIStorageCapacity } from '../../../shared/api/storage.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isDns1123Subdomain } from '../../../shared/machinery/names.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'
import { immutable, invalidFor, negative } from '../faults.ts'
import { validateLabelSelector } from '../labels.ts'
import { nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { namedLabelWarnings, nodeLabelWarnings } from '../warnings/node-labels.ts'

export const csiStorageCapacity = defineResource(csiStorageCapacities, {
  schema: () => schemaOf('io.k8s.api.storage.v1.CSIStorageCapacity'),
  unconditionalUpdate: false,
  warnings,
  validate,
  validateUpdate: (object, old) => [...validate(object), ...validateSame(object, old)],
  columns: [
    nameColumn,
    { name: 'StorageClassName', type: 'string', cell: object => object.storageClassName },
    { name: 'Capacity', type: 'string', cell: object => object.capacity ?? '<unset>' },
  ],
})

function validate({ nodeTopology, storageClassName, capacity }: CSIStorageCapacity): StatusCause[] {
  return [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...invalidFor('storageClassName', storageClassName, isDns1123Subdomain(storageClassName)),
    ...(capacity !== undefined && compareQuantities(capacity, 0) < 0 ? [invalid('capacity', capacity, negative)] : []),
  ]
}

/** What GetCapacity was asked with stays; the answer may change. */
function validateSame(object: CSIStorageCapacity, old: CSIStorageCapacity): StatusCause[] {
  const fields = ['nodeTopology', 'storageClassName'] as const
  return fields
    .filter(field => !jsonEqual(object[field], old[field]))
    .map(field => invalid(field, object[field], immutable))
}

function warnings({ nodeTopology }: CSIStorageCapacity): string[] {
  const { matchExpressions = [], matchLabels = {} } = nodeTopology ?? {}
  return [
    ...matchExpressions.flatMap(({ key }, i) => namedLabelWarnings(key, `nodeTopology.matchExpressions[${i}].key`)),
    ...Object.keys(matchLabels).flatMap(label => nodeLabelWarnings(label, `nodeTopology.matchLabels.${label}`)),
  ]
}
