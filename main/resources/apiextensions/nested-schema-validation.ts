import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, index, key } from '../../../shared/machinery/field-errors.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { validatePattern } from './pattern-validation.ts'
import { hasDefault, junctors } from './sub-schemas.ts'

/** What a schema inside a junctor may not say: only the structural schema around it gives types and defaults. */
const unset = ['type', 'title', 'description'] as const
const untrue = [
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
] as const
const undefinedOnly = ['x-kubernetes-list-type', 'x-kubernetes-map-type'] as const
const empty = ['x-kubernetes-list-map-keys', 'x-kubernetes-validations'] as const

/** What is wrong with a schema inside allOf, anyOf, oneOf or not (validateNestedValueValidation). */
export function validateNested(schema: Schema, path: string): StatusCause[] {
  const refuse = (name: string, must: string) => forbidden(child(path, name), `must be ${must} to be structural`)
  const faults = junctors(schema, path).flatMap(nested => validateNested(nested.schema as Schema, nested.path))
  if (schema.pattern) faults.push(...validatePattern(schema.pattern, child(path, 'pattern')))
  if (schema.items) faults.push(...validateNested(schema.items, child(path, 'items')))
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    faults.push(...validateNested(property, key(child(path, 'properties'), name)))
  }
  if (schema.additionalProperties) faults.push(refuse('additionalProperties', 'undefined'))
  if (hasDefault(schema)) faults.push(refuse('default', 'undefined'))
  for (const name of unset) if (schema[name]) faults.push(refuse(name, 'empty'))
  for (const name of untrue) if (schema[name]) faults.push(refuse(name, 'false'))
  for (const name of undefinedOnly) if (schema[name] !== undefined) faults.push(refuse(name, 'undefined'))
  for (const name of empty) if ((schema[name] ?? []).length > 0) faults.push(refuse(name, 'empty'))
  if (schema.properties && Object.hasOwn(schema.properties, 'metadata')) {
    const at = key(child(path, 'properties'), 'metadata')
    faults.push(forbidden(at, 'must not be specified in a nested context'))
  }
  return faults
}

/** The path of one of a junctor's schemas. */
export const junctorPath = (path: string, junctor: string, i: number): string => index(child(path, junctor), i)
