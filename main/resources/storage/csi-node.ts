import type { StatusCause } from '../../../shared/api/object.ts'
import { csiNodes, type CSINode } from '../../../shared/api/storage.ts'
import { child, duplicate, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { byteLength, isQualifiedName } from '../../../shared/machinery/names.ts'
import { immutable, invalidFor, nonNegative, repeats } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { validateDriverName } from './driver-name.ts'

type Driver = CSINode['spec']['drivers'][number]

const idLimit = 256

export const csiNode = defineResource(csiNodes, {
  schema: () => schemaOf('io.k8s.api.storage.v1.CSINode'),
  unconditionalUpdate: false,
  setDefaults: object => {
    ensureStructs(object, 'spec')
    if (!Object.hasOwn(object.spec, 'drivers')) object.spec.drivers = []
  },
  validate,
  validateUpdate: (object, old) => [...validate(object), ...validateSame(object, old)],
  columns: [nameColumn, { name: 'Drivers', type: 'integer', cell: ({ spec }) => spec.drivers.length }, ageColumn],
})

function validate({ spec: { drivers } }: CSINode): StatusCause[] {
  const path = 'spec.drivers'
  const repeated = repeats(drivers, ({ name }) => name)
  return drivers.flatMap((driver, i) => {
    const at = index(path, i)
    return [...validateDriver(driver, at), ...(repeated[i] ? [duplicate(child(at, 'name'), driver.name)] : [])]
  })
}

function validateDriver({ name, nodeID, allocatable, topologyKeys = [] }: Driver, path: string): StatusCause[] {
  const idPath = child(path, 'nodeID')
  const repeated = repeats(topologyKeys, key => key)
  return [
    ...validateDriverName(child(path, 'name'), name),
    ...(nodeID ? [] : [required(idPath)]),
    ...(byteLength(nodeID) > idLimit ? [invalid(idPath, nodeID, `must be ${idLimit} characters or less`)] : []),
    ...nonNegative(child(path, 'allocatable', 'count'), allocatable?.count),
    ...topologyKeys.flatMap((key, i) => [
      ...(key ? [] : [required(path)]),
      ...(repeated[i] ? [duplicate(path, key)] : []),
      ...invalidFor(path, key, isQualifiedName(key)),
    ]),
  ]
}

/** A driver that stays may change nothing but how many volumes it can attach. */
function validateSame({ spec }: CSINode, old: CSINode): StatusCause[] {
  return old.spec.drivers.flatMap(before =>
    spec.drivers
      .filter(driver => driver.name === before.name)
      .map(({ allocatable: _after, ...driver }) => {
        const { allocatable: _before, ...known } = before
        return jsonEqual(driver, known) ? [] : [invalid('spec.drivers', asGoPrints(driver), immutable)]
      })
      .flat(),
  )
}

/** Upstream prints its internal type, whose fields have no JSON names. */
const asGoPrints = ({ name, nodeID, topologyKeys }: Driver) => ({
  Name: name,
  NodeID: nodeID,
  TopologyKeys: topologyKeys ?? null,
  Allocatable: null,
})
