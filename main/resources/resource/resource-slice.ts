import { resourceSlices, type ResourceSlice } from '../../../shared/api/resource.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { validateResourceSlice } from './resource-slice-validation.ts'
import { quote } from '../../../shared/machinery/field-errors.ts'

export const resourceSlice = defineResource(resourceSlices, {
  schema: () => schemaOf('io.k8s.api.resource.v1.ResourceSlice'),
  setDefaults,
  prepareForCreate: (object, { now }) => {
    startGeneration(object)
    dropDisabledFields(object)
    stampTaints(object, now)
  },
  prepareForUpdate: (object, old, { now }) => {
    dropDisabledFields(object)
    stampTaints(object, now)
    bumpGeneration(object, old)
  },
  validate: object => validateResourceSlice(object),
  warnings: ({ spec: { driver } }) =>
    driver === driver.toLowerCase()
      ? []
      : [`spec.driver: driver names should be lowercase; ${quote(driver)} contains uppercase characters`],
  validateUpdate: validateResourceSlice,
  fields: { 'spec.nodeName': ({ spec }) => spec.nodeName ?? '', 'spec.driver': ({ spec }) => spec.driver },
  columns: [
    nameColumn,
    { name: 'Node', type: 'string', cell: ({ spec }) => spec.nodeName ?? '' },
    { name: 'Driver', type: 'string', cell: ({ spec }) => spec.driver },
    { name: 'Pool', type: 'string', cell: ({ spec }) => spec.pool.name },
    ageColumn,
  ],
})

function setDefaults(object: ResourceSlice): void {
  ensureStructs(object, 'spec')
  const { spec } = object
  Object.assign(spec, { driver: '' }, { ...spec })
  ensureStructs(spec, 'pool')
  Object.assign(spec.pool, { name: '', generation: 0, resourceSliceCount: 0 }, { ...spec.pool })
}

/** A taint carries the time since when there is one (SetDefaults_DeviceTaint). */
function stampTaints({ spec }: ResourceSlice, now: number): void {
  for (const taint of (spec.devices ?? []).flatMap(({ taints }) => taints ?? [])) taint.timeAdded ??= toTime(now)
}

/** DRAListTypeAttributes and DRANodeAllocatableResources are off by default. */
function dropDisabledFields({ spec }: ResourceSlice): void {
  for (const device of spec.devices ?? []) {
    delete device.nodeAllocatableResourceMappings
    for (const attribute of Object.values(device.attributes ?? {})) {
      delete attribute.bools
      delete attribute.ints
      delete attribute.strings
      delete attribute.versions
    }
  }
}
