import type { StatusCause } from '../../../shared/api/object.ts'
import { causeText, child, forbidden, invalid, key, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { validateCompleteness } from './structural-completeness.ts'
import type { WrittenSchema } from './sub-schemas.ts'
import { junctorPath, validateNested } from './nested-schema-validation.ts'
import { validatePattern } from './pattern-validation.ts'

type Level = 'root' | 'item' | 'field'

/**
 * Whether a schema is structural: every value has one type, which junctors only narrow down (KEP "Vanilla OpenAPI
 * Subset", apiextensions-apiserver/pkg/apiserver/schema/validation.go). In upstream's order, by text.
 */
export function validateStructural(schema: Schema, path: string): StatusCause[] {
  const faults = [...validateLevel(schema, 'root', path), ...validateCompleteness(schema, path)]
  return faults
    .map(fault => ({ fault, text: causeText(fault) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ fault }) => fault)
}

function validateLevel(schema: Schema, level: Level, path: string): StatusCause[] {
  const { items, properties = {}, additionalProperties } = schema
  const faults: StatusCause[] = []
  if (schema.type === 'array' && !items) faults.push(required(child(path, 'items'), 'must be specified'))
  if (items) faults.push(...validateLevel(items, 'item', child(path, 'items')))
  for (const [name, property] of Object.entries(properties)) {
    faults.push(...validateLevel(property, 'field', key(child(path, 'properties'), name)))
  }
  if (additionalProperties !== undefined) {
    const at = child(path, 'additionalProperties')
    if (level === 'root') faults.push(forbidden(at, 'must not be used at the root'))
    if (typeof additionalProperties === 'object') faults.push(...validateLevel(additionalProperties, 'field', at))
  }
  return [
    ...faults,
    ...validateExtensions(schema, path),
    ...validateJunctors(schema, path),
    ...validateType(schema, level, path),
    ...validateMetaFields(schema, level, path),
  ]
}

function validateExtensions(schema: Schema, path: string): StatusCause[] {
  if (!schema['x-kubernetes-int-or-string']) return []
  const clash = ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const
  return clash
    .filter(name => schema[name])
    .map(name => invalid(child(path, name), true, 'must be false if x-kubernetes-int-or-string is true'))
}

const intOrString = [{ type: 'integer' }, { type: 'string' }]

function validateJunctors(schema: Schema, path: string): StatusCause[] {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern = '' } = schema
  const skipsAnyOf = jsonEqual(anyOf, intOrString)
  const faults = skipsAnyOf ? [] : anyOf.flatMap((one, i) => validateNested(one, junctorPath(path, 'anyOf', i)))
  allOf.forEach((one, i) => {
    // `allOf: [{anyOf: [integer, string]}, …]` is the other way to write int-or-string.
    const known = i === 0 && jsonEqual(one.anyOf, intOrString)
    const { anyOf: _types, ...rest } = one
    faults.push(...validateNested(known ? rest : one, junctorPath(path, 'allOf', i)))
  })
  oneOf.forEach((one, i) => faults.push(...validateNested(one, junctorPath(path, 'oneOf', i))))
  if (not) faults.push(...validateNested(not, child(path, 'not')))
  if (pattern !== '') faults.push(...validatePattern(pattern, child(path, 'pattern')))
  return faults
}

function validateType(schema: Schema, level: Level, path: string): StatusCause[] {
  const { type = '' } = schema as WrittenSchema
  const at = child(path, 'type')
  const faults: StatusCause[] = []
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const free = schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  if (embedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    faults.push(type === '' ? required(at, why) : invalid(at, type, why))
  } else if (type === '' && !free) faults.push(required(at, `must not be empty ${where[level]}`))
  if (embedded && schema.additionalProperties !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set'
    faults.push(forbidden(child(path, 'additionalProperties'), why))
  }
  if (level === 'root' && type !== '' && type !== 'object') faults.push(invalid(at, type, 'must be object at the root'))
  return faults
}

const where: Record<Level, string> = {
  root: 'at the root',
  item: 'for specified array items',
  field: 'for specified object fields',
}

function validateMetaFields(schema: Schema, level: Level, path: string): StatusCause[] {
  const properties = schema.properties ?? {}
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const propertyPath = (name: string) => key(child(path, 'properties'), name)
  const property = (name: string) => (Object.hasOwn(properties, name) ? properties[name] : undefined)
  const faults: StatusCause[] = []
  const isObject = level === 'root' || embedded
  for (const name of ['kind', 'apiVersion']) {
    const found = property(name)
    if (!isObject || !found || found.type === 'string') continue
    faults.push(invalid(child(propertyPath(name), 'type'), found.type ?? '', 'must be string'))
  }
  const metadata = property('metadata')
  if (metadata) {
    const at = propertyPath('metadata')
    if (isObject && metadata.type !== 'object') {
      faults.push(invalid(child(at, 'type'), metadata.type ?? '', 'must be object'))
    }
    if (level === 'root' && !restrictsNamesOnly(metadata)) {
      const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
      faults.push(forbidden(at, why))
    }
  }
  if (embedded && !schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(properties).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    faults.push(required(child(path, 'properties'), why))
  }
  return faults
}

function restrictsNamesOnly({ properties = {}, type: _type, default: _default, ...rest }: Schema): boolean {
  const names = Object.keys(properties).every(name => name === 'name' || name === 'generateName')
  const others = Object.values(rest) as unknown[]
  return names && others.every(value => value === undefined || value === false || value === '' || jsonEqual(value, []))
}
