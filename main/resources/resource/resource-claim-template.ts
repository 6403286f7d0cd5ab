import type { StatusCause } from '../../../shared/api/object.ts'
import { resourceClaimTemplates, type ResourceClaimTemplate } from '../../../shared/api/resource.ts'
import { child, forbidden, invalid } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { immutable } from '../faults.ts'
import { validateLabels } from '../labels.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { validateAnnotations } from '../object-meta.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { ensureStructs } from '../structs.ts'
import { setClaimSpecDefaults } from './claim-defaults.ts'
import { validateClaimSpec } from './claim-spec-validation.ts'

export const resourceClaimTemplate = defineResource(resourceClaimTemplates, {
  schema: () => schemaOf('io.k8s.api.resource.v1.ResourceClaimTemplate'),
  setDefaults: object => {
    ensureStructs(object, 'spec')
    ensureStructs(object.spec, 'metadata', 'spec')
    setClaimSpecDefaults(object.spec.spec)
  },
  validate,
  validateUpdate: (object, old) => [
    ...validate(object),
    ...(jsonEqual(object.spec, old.spec) ? [] : [invalid('spec', object.spec, immutable)]),
  ],
  columns: [nameColumn, ageColumn],
})

function validate({ spec }: ResourceClaimTemplate): StatusCause[] {
  const path = 'spec.metadata'
  const { annotations = {}, labels, ...others } = spec.metadata ?? {}
  return [
    ...validateAnnotations(annotations, child(path, 'annotations')),
    ...validateLabels(labels, child(path, 'labels')),
    ...Object.keys(others).map(field => forbidden(child(path, field), 'cannot be set')),
    ...validateClaimSpec(spec.spec, 'spec.spec'),
  ]
}
