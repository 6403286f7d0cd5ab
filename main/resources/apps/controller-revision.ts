import { controllerRevisions, type ControllerRevision } from '../../../shared/api/apps.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isObject, jsonEqual } from '../../../shared/machinery/json-value.ts'
import { immutable, nonNegative } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

export const controllerRevision = defineResource(controllerRevisions, {
  schema: () => schemaOf('io.k8s.api.apps.v1.ControllerRevision'),
  validate: object => [...nonNegative('revision', object.revision), ...validateData(object.data)],
  validateUpdate: (object, old) => [
    ...nonNegative('revision', object.revision),
    ...(jsonEqual(object.data, old.data) ? [] : [invalid('data', object.data, immutable)]),
  ],
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', cell: printController },
    { name: 'Revision', type: 'string', cell: ({ revision }) => revision },
    ageColumn,
  ],
})

function validateData(data: unknown): StatusCause[] {
  if (data === undefined || data === null) return [required('data', 'data is mandatory')]
  return isObject(data) ? [] : [required('data', 'data must be a valid JSON object')]
}

/** `statefulset.apps/web`. */
function printController({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller)
  if (!owner) return '<none>'
  const { apiVersion, kind, name } = owner
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : ''
  return `${kind}${group}`.toLowerCase() + `/${name}`
}
