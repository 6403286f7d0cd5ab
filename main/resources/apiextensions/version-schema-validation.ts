import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid } from '../../../shared/machinery/field-errors.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { validateDefaults } from './default-validation.ts'
import type { SchemaRules } from './rules.ts'
import { validateSchema } from './schema-validation.ts'
import { validateStructural } from './structural-validation.ts'
import type { WrittenSchema } from './sub-schemas.ts'

interface Given {
  schema: Schema
  /** `spec.validation`, or `spec.versions[0].schema` where versions differ. */
  path: string
  hasStatus: boolean
  old: Schema | undefined
}

/** What is wrong with the schema of a version, its rules last (validateCustomResourceDefinitionValidation). */
export function validateVersionSchema({ schema, path, hasStatus, old }: Given, rules: SchemaRules): StatusCause[] {
  const at = child(path, 'openAPIV3Schema')
  const faults = hasStatus ? validateRoot(schema, at) : []
  if (schema.nullable) faults.push(forbidden(child(at, 'nullable'), 'nullable cannot be true at the root'))
  const written = validateSchema(schema, at)
  // What is no schema of the right form can't be taken for a structural one.
  const structural = isStructuralForm(schema) ? validateStructural(schema, at) : []
  if (structural.length === 0 && written.length === 0) faults.push(...validateDefaults(schema, at, rules))
  faults.push(...structural, ...written)
  return faults.length > 0 ? faults : rules.check(schema, at, old)
}

/** The status is validated by its own part of the schema, so that nothing about it may stand elsewhere. */
const atRoot = [
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]

/** Go's names of the same, as upstream's message has them. */
const goNames =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations'

function validateRoot(schema: Schema, path: string): StatusCause[] {
  const { type } = schema
  if (type !== undefined && type !== 'object') {
    const why = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
    return [invalid(child(path, 'type'), type, why)]
  }
  const stray = Object.entries(schema as Record<string, unknown>).some(
    ([name, value]) => !atRoot.includes(name) && !isZero(value),
  )
  const why = `only [${goNames}] fields are allowed at the root of the schema if the status subresource is enabled`
  return stray ? [invalid(path, schema, why)] : []
}

const isZero = (value: unknown) => value === undefined || value === null || value === false || value === ''

/** Whether `items` is one schema everywhere, as the walkers of structural schemas take for granted. */
function isStructuralForm({
  items,
  properties = {},
  additionalProperties,
  allOf = [],
  anyOf = [],
  oneOf = [],
  not,
}: WrittenSchema): boolean {
  if (Array.isArray(items)) return false
  const below = [items, not, typeof additionalProperties === 'object' ? additionalProperties : undefined]
  return [...Object.values(properties), ...allOf, ...anyOf, ...oneOf, ...below].every(
    one => !one || isStructuralForm(one),
  )
}
