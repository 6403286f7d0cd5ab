import { child, index, key } from '../../../shared/machinery/field-errors.ts'
import { isList, isObject } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'

/**
 * A schema as a client wrote it (apiextensions/v1 JSONSchemaProps): what a structural schema may not have can be there
 * all the same, to be refused.
 */
export interface WrittenSchema extends Omit<
  Schema,
  'type' | 'items' | 'properties' | 'allOf' | 'anyOf' | 'oneOf' | 'not'
> {
  type?: string
  items?: Schema | Schema[]
  properties?: Record<string, Schema>
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  not?: Schema
  id?: string
  $ref?: string
  $schema?: string
  additionalItems?: Schema | boolean
  patternProperties?: Record<string, Schema>
  definitions?: Record<string, Schema>
  dependencies?: Record<string, unknown>
  example?: unknown
  externalDocs?: unknown
}

export interface SubSchema {
  schema: WrittenSchema
  path: string
}

/** The schema of all items; undefined where there is a list of schemas or none. */
export const itemsOf = ({ items }: WrittenSchema): Schema | undefined => (isList(items) ? undefined : items)

/** The schemas of the junctors allOf, anyOf, oneOf and not. */
export function junctors({ not, allOf, anyOf, oneOf }: WrittenSchema, path: string): SubSchema[] {
  const each = (name: string, schemas: readonly Schema[] = []) =>
    schemas.map((schema, i) => ({ schema, path: index(child(path, name), i) }))
  return [
    ...(not ? [{ schema: not, path: child(path, 'not') }] : []),
    ...each('allOf', allOf),
    ...each('oneOf', oneOf),
    ...each('anyOf', anyOf),
  ]
}

/** Schemas where a structural schema has none: they are looked at before they are refused. */
export function strays({ items, definitions, dependencies }: WrittenSchema, path: string): SubSchema[] {
  const named = (name: string, schemas: Record<string, unknown> = {}) =>
    Object.entries(schemas).flatMap(([own, schema]) =>
      isObject(schema) ? [{ schema, path: key(child(path, name), own) }] : [],
    )
  return [
    ...(isList(items) ? items.map((schema, i) => ({ schema, path: index(child(path, 'items'), i) })) : []),
    ...named('definitions', definitions),
    ...named('dependencies', dependencies),
  ]
}

/** A default of null is none. */
export const hasDefault = (schema: WrittenSchema): boolean => schema.default !== undefined && schema.default !== null
