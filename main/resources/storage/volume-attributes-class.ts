import type { StatusCause } from '../../../shared/api/object.ts'
import { volumeAttributesClasses, type VolumeAttributesClass } from '../../../shared/api/storage.ts'
import { forbidden, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { validateParameters, validateProvisioner } from './class-validation.ts'

export const volumeAttributesClass = defineResource(volumeAttributesClasses, {
  shortNames: ['vac'],
  schema: () => schemaOf('io.k8s.api.storage.v1.VolumeAttributesClass'),
  validate,
  validateUpdate: (object, old) => [
    ...validate(object),
    ...(object.driverName === old.driverName ? [] : [forbidden('driverName', 'updates to driverName are forbidden.')]),
    ...(jsonEqual(object.parameters, old.parameters)
      ? []
      : [forbidden('parameters', 'updates to parameters are forbidden.')]),
  ],
  columns: [nameColumn, { name: 'DriverName', type: 'string', cell: object => object.driverName }, ageColumn],
})

function validate({ driverName, parameters = {} }: VolumeAttributesClass): StatusCause[] {
  const empty = Object.keys(parameters).length === 0
  return [
    ...validateProvisioner('driverName', driverName),
    ...validateParameters('parameters', parameters),
    ...(empty ? [required('parameters', 'must contain at least one key/value pair')] : []),
  ]
}
