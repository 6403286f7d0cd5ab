import type { StatusCause } from '../../../shared/api/object.ts'
import { deviceClasses, type DeviceClass } from '../../../shared/api/resource.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { isQualifiedName } from '../../../shared/machinery/names.ts'
import { isExtendedResource } from '../core/quantity-validation.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { validateList } from './bounded.ts'
import { validateConfiguration, validateSelectors } from './configuration-validation.ts'

export const deviceClass = defineResource(deviceClasses, {
  schema: () => schemaOf('io.k8s.api.resource.v1.DeviceClass'),
  setDefaults: object => ensureStructs(object, 'spec'),
  prepareForCreate: startGeneration,
  prepareForUpdate: bumpGeneration,
  validate,
  validateUpdate: validate,
  columns: [nameColumn, ageColumn],
})

function validate({ spec: { selectors, config, extendedResourceName: extended } }: DeviceClass): StatusCause[] {
  const path = 'spec.extendedResourceName'
  // Its quota is `requests.<name>`, which must be a name, too.
  const fits =
    extended !== undefined && isExtendedResource(extended) && isQualifiedName(`requests.${extended}`).length === 0
  return [
    ...validateSelectors(selectors, 'spec.selectors'),
    ...validateList(config, { path: 'spec.config', max: 32, check: validateConfiguration }),
    ...(extended === undefined || fits ? [] : [invalid(path, extended, 'must be a valid extended resource name')]),
  ]
}
