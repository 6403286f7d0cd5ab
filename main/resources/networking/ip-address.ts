import { ipAddresses, type IPAddress } from '../../../shared/api/networking.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isDns1123Subdomain, isPathSegmentName } from '../../../shared/machinery/names.ts'
import { immutable, invalidFor } from '../faults.ts'
import { canonicalIpFaults } from '../ip-faults.ts'
import { nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'

export const ipAddress = defineResource(ipAddresses, {
  shortNames: ['ip'],
  schema: () => schemaOf('io.k8s.api.networking.v1.IPAddress'),
  setDefaults: object => ensureStructs(object, 'spec'),
  validateName: canonicalIpFaults,
  validate,
  validateUpdate: (object, old) => [
    ...validate(object),
    ...(jsonEqual(object.spec.parentRef, old.spec.parentRef)
      ? []
      : [invalid('spec.parentRef', asGoPrints(object), immutable)]),
  ],
  // Upstream's rows have the age, too, but no column for it.
  columns: [nameColumn, { name: 'ParentRef', type: 'string', cell: printParent }],
})

type Parent = Partial<IPAddress['spec']['parentRef']>

/** A client may leave out what the schema requires. */
const parentOf = ({ spec }: { spec: { parentRef?: Parent } }): Parent | undefined => spec.parentRef

function validate(object: IPAddress): StatusCause[] {
  const path = 'spec.parentRef'
  const parent = parentOf(object)
  if (!parent) return [required(path)]
  const { group = '', resource = '', name = '', namespace = '' } = parent
  const segment = (field: string, value: string) => invalidFor(child(path, field), value, isPathSegmentName(value))
  return [
    ...(group ? invalidFor(child(path, 'group'), group, isDns1123Subdomain(group)) : []),
    ...(resource ? segment('resource', resource) : [required(child(path, 'resource'))]),
    ...(name ? segment('name', name) : [required(child(path, 'name'))]),
    ...segment('namespace', namespace),
  ]
}

/** Upstream prints its internal type, whose fields have no JSON names. */
function asGoPrints(object: IPAddress): object | undefined {
  const parent = parentOf(object)
  if (!parent) return undefined
  const { group = '', resource = '', namespace = '', name = '' } = parent
  return { Group: group, Resource: resource, Namespace: namespace, Name: name }
}

/** `services/default/kubernetes`. */
function printParent(object: IPAddress): string {
  const parent = parentOf(object)
  if (!parent) return '<none>'
  const { group, resource = '', namespace, name = '' } = parent
  const kind = group ? `${resource}.${group}` : resource
  return [kind.toLowerCase(), ...(namespace ? [namespace] : []), name].join('/')
}
