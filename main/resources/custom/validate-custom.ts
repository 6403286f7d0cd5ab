import type { CustomResourceSubresources } from '../../../shared/api/apiextensions.ts'
import type { KubeObject, StatusCause } from '../../../shared/api/object.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import type { RuleInput, SchemaRules } from '../apiextensions/rules.ts'
import { validateEmbedded } from './embedded-objects.ts'
import { validateListTypes } from './list-types.ts'
import { validateScaleSpec, validateScaleStatus } from './scale-validation.ts'
import { validateValue } from './value-validation.ts'

export interface CustomValidation {
  readonly validate: (object: KubeObject) => StatusCause[]
  readonly validateUpdate: (object: KubeObject, old: KubeObject) => StatusCause[]
  readonly validateStatus: (object: KubeObject, old: KubeObject) => StatusCause[]
}

type WithStatus = KubeObject & { status?: unknown }

/** What is wrong with custom resources beyond their metadata (registry/customresource/strategy.go, status_strategy.go). */
export function customValidation(
  schema: Schema,
  { scale, rules }: { scale: CustomResourceSubresources['scale']; rules: SchemaRules },
): CustomValidation {
  let compiled: ReturnType<SchemaRules['compile']> | 'not yet' = 'not yet'
  const withRules = (faults: StatusCause[], input: RuleInput): StatusCause[] => {
    if (compiled === 'not yet') compiled = rules.compile(schema)
    if (!compiled) return faults
    return [...faults, ...(faults.some(isBlocking) ? [unchecked] : compiled(input))]
  }
  const scaleFaults = (object: KubeObject) => [
    ...(scale ? [...validateScaleSpec(scale, object), ...validateScaleStatus(scale, object)] : []),
    ...validateEmbedded(schema, object),
  ]
  // What was wrong before may stay.
  const listFaults = (object: KubeObject, old: KubeObject) => {
    const faults = validateListTypes(schema, object)
    return faults.length > 0 && validateListTypes(schema, old).length === 0 ? faults : []
  }
  const statusSchema = schema.properties?.status
  return {
    validate(object) {
      const own = [...validateValue(schema, object, { prefix: '' }), ...scaleFaults(object)]
      return withRules([...own, ...validateListTypes(schema, object)], { value: object, old: undefined, path: '' })
    },
    validateUpdate(object, old) {
      const own = [...validateValue(schema, object, { prefix: '', old: { value: old } }), ...scaleFaults(object)]
      return withRules([...own, ...listFaults(object, old)], { value: object, old, path: '' })
    },
    validateStatus(object: WithStatus, old: WithStatus) {
      const own =
        statusSchema && object.status !== undefined
          ? validateValue(statusSchema, object.status, { prefix: 'status', old: { value: old.status } })
          : []
      const scaled = scale ? validateScaleStatus(scale, object) : []
      return withRules([...own, ...scaled, ...listFaults(object, old)], { value: object, old, path: '' })
    },
  }
}

const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])
const isBlocking = ({ reason = '' }: StatusCause) => blocking.has(reason)
const unchecked: StatusCause = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: '<nil>',
}
