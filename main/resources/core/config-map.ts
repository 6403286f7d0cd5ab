import { configMaps, type ConfigMap } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, key as at, tooLong } from '../../../shared/machinery/field-errors.ts'
import { byteLength, isConfigMapKey } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { decodedLength, fixedWhenImmutable, sizeLimit } from './data.ts'

export const configMap = defineResource(configMaps, {
  shortNames: ['cm'],
  schema: () => schemaOf('io.k8s.api.core.v1.ConfigMap'),
  validate,
  validateUpdate: (object, old) => [...fixedWhenImmutable(object, old, ['data', 'binaryData']), ...validate(object)],
  columns: [
    nameColumn,
    { name: 'Data', type: 'string', cell: ({ data, binaryData }) => entries(data) + entries(binaryData) },
    ageColumn,
  ],
})

const entries = (map: Record<string, string> | undefined) => Object.keys(map ?? {}).length

function validate({ data = {}, binaryData = {} }: ConfigMap): StatusCause[] {
  const faults: StatusCause[] = []
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    faults.push(...invalidFor(at('data', key), key, isConfigMapKey(key)))
    if (Object.hasOwn(binaryData, key))
      faults.push(invalid(at('data', key), key, 'duplicate of key present in binaryData'))
    size += byteLength(value)
  }
  for (const [key, value] of Object.entries(binaryData)) {
    faults.push(...invalidFor(at('binaryData', key), key, isConfigMapKey(key)))
    size += decodedLength(value)
  }
  // Upstream's path for the object as a whole.
  return size > sizeLimit ? [...faults, tooLong('[]', sizeLimit)] : faults
}
