import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, key, notSupported } from '../../../shared/machinery/field-errors.ts'
import { validateListsAndMaps } from './list-schema-validation.ts'
import { validateRuleForms } from './rule-form-validation.ts'
import { metaFields } from '../custom/meta-fields.ts'
import { hasDefault, itemsOf, junctors, strays, type WrittenSchema } from './sub-schemas.ts'

interface Position {
  path: string
  isRoot?: boolean
  insideMeta: boolean
  /** Why no default may be here; undefined: one may. */
  noDefaults: string | undefined
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** What is wrong with a schema, rules in CEL apart (ValidateCustomResourceDefinitionOpenAPISchema). */
export function validateSchema(schema: WrittenSchema, path: string): StatusCause[] {
  return walk(schema, { path, isRoot: true, insideMeta: false, noDefaults: undefined })
}

function walk(schema: WrittenSchema, at: Position): StatusCause[] {
  const { path } = at
  const faults = [...validateForm(schema, at)]
  if (schema.uniqueItems) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    faults.push(forbidden(child(path, 'uniqueItems'), why))
  }
  const below = { ...at, isRoot: false }
  faults.push(...walkMembers(schema, at))
  for (const nested of [...junctors(schema, path), ...strays(schema, path)]) {
    faults.push(...walk(nested.schema, { ...below, path: nested.path }))
  }
  const items = itemsOf(schema)
  if (items) faults.push(...walk(items, { ...below, path: child(path, 'items') }))
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    faults.push(invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'))
  }
  return [...faults, ...validateListsAndMaps(schema, path), ...validateRuleForms(schema, path)]
}

function walkMembers(schema: WrittenSchema, at: Position): StatusCause[] {
  const { properties = {}, additionalProperties } = schema
  const { path } = at
  const below = { ...at, isRoot: false }
  const faults: StatusCause[] = []
  if (additionalProperties !== undefined) {
    if (Object.keys(properties).length > 0 && additionalProperties !== true) {
      const why = 'additionalProperties and properties are mutual exclusive'
      faults.push(forbidden(child(path, 'additionalProperties'), why))
    }
    if (typeof additionalProperties === 'object') {
      const noDefaults = at.insideMeta ? 'inside additionalProperties applying to object metadata' : at.noDefaults
      faults.push(...walk(additionalProperties, { ...below, path: child(path, 'additionalProperties'), noDefaults }))
    }
  }
  for (const [name, property] of Object.entries(properties)) {
    const isMeta =
      (at.isRoot === true || schema['x-kubernetes-embedded-resource'] === true) && metaFields.includes(name)
    faults.push(
      ...walk(property, {
        ...below,
        path: key(child(path, 'properties'), name),
        insideMeta: at.insideMeta || isMeta,
        noDefaults: isMeta && at.isRoot ? `in top-level ${name}` : at.noDefaults,
      }),
    )
  }
  return faults
}

/** What OpenAPI v3 has and a structural schema may not (specStandardValidatorV3). */
function validateForm(schema: WrittenSchema, { path, insideMeta, noDefaults }: Position): StatusCause[] {
  const faults: StatusCause[] = []
  const refuse = (name: string, why = `${name} is not supported`) => faults.push(forbidden(child(path, name), why))
  const { type = '' } = schema
  if (type !== '' && !types.includes(type)) faults.push(notSupported(child(path, 'type'), type, types))
  if (hasDefault(schema) && noDefaults !== undefined) refuse('default', `must not be set ${noDefaults}`)
  if (schema.id) refuse('id')
  if (schema.additionalItems !== undefined) refuse('additionalItems')
  if (Object.keys(schema.patternProperties ?? {}).length > 0) refuse('patternProperties')
  if (Object.keys(schema.definitions ?? {}).length > 0) refuse('definitions')
  if (schema.dependencies) refuse('dependencies')
  if (schema.$ref !== undefined) refuse('$ref')
  if (type === 'null') refuse('type', 'type cannot be set to null, use nullable as an alternative')
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    refuse('items', 'items must be a schema object and not an array')
  }
  if (insideMeta && schema['x-kubernetes-embedded-resource']) {
    refuse('x-kubernetes-embedded-resource', 'must not be used inside of resource meta')
  }
  return faults
}
