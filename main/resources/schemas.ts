import type { Schema } from '../../shared/machinery/schema.ts'
import { readAsset } from './assets.ts'

/** A definition as the table holds it: an OpenAPI v2 schema with references. */
interface Definition extends Omit<Schema, 'properties' | 'items' | 'additionalProperties'> {
  $ref?: string
  properties?: Record<string, Definition>
  items?: Definition
  additionalProperties?: Definition | boolean
}

let table: Record<string, Definition> | undefined
const resolved = new Map<string, Schema>()

/**
 * The schema of a built-in type (`io.k8s.api.core.v1.Pod`) with its references resolved; a type that contains itself
 * gives a schema that does. The table is read on first use and each type resolved once.
 */
export function schemaOf(definition: string): Schema {
  const known = resolved.get(definition)
  if (known) return known
  table ??= readAsset('schemas.json') as Record<string, Definition>
  const found = table[definition]
  if (!found) throw new Error(`no schema of ${definition}`)
  const schema: Schema = {}
  // Known before it is filled, so that a type may contain itself.
  resolved.set(definition, schema)
  if (schemaOrElse.has(definition)) {
    // Read when needed: the type of schemas contains this one.
    const properties = () => schemaOf(`${apiextensions}.JSONSchemaProps`).properties
    return Object.defineProperty(schema, 'properties', { get: properties, enumerable: true })
  }
  Object.assign(schema, special[definition] ?? resolve(found), { title: goType(definition) })
  const port = schema.properties?.protocol
  if (schema.properties && port && isKeyedPort.has(definition)) {
    schema.properties.protocol = { ...port, default: 'TCP' }
  }
  return schema
}

/** The only defaults that matter beside those of each kind: of a key by which items of a list are told apart. */
const isKeyedPort = new Set(['io.k8s.api.core.v1.ContainerPort', 'io.k8s.api.core.v1.ServicePort'])

function resolve({ $ref, properties, items, additionalProperties, ...rest }: Definition): Schema {
  if ($ref !== undefined) {
    const target = schemaOf($ref.slice('#/definitions/'.length))
    return Object.keys(rest).length === 0 ? target : { ...target, ...rest }
  }
  const schema: Schema = { ...rest }
  if (properties) {
    const entries = Object.entries(properties)
    schema.properties = Object.fromEntries(entries.map(([name, property]) => [name, resolve(property)]))
  }
  if (items) schema.items = resolve(items)
  if (typeof additionalProperties === 'object') schema.additionalProperties = resolve(additionalProperties)
  else if (additionalProperties !== undefined) schema.additionalProperties = additionalProperties
  return schema
}

/** `io.k8s.api.core.v1.Container` is Go's `v1.Container`. */
const goType = (definition: string) => definition.split('.').slice(-2).join('.')

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const apiextensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'
const anything: Schema = { 'x-kubernetes-preserve-unknown-fields': true }

/** Types whose JSON the table does not tell. */
const special: Partial<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string', format: 'quantity' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { 'x-kubernetes-int-or-string': true },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { ...anything, 'x-kubernetes-map-type': 'atomic' },
  [`${meta}.FieldsV1`]: anything,
  [`${apiextensions}.JSON`]: anything,
}

/** Types that are a schema or something else, which a schema without a type leaves alone. */
const schemaOrElse = new Set(
  ['JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray'].map(
    name => `${apiextensions}.${name}`,
  ),
)
