import { isObject } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import type { Resource } from '../../resources/resource.ts'

/** A schema to be published, in OpenAPI v2's form of references. */
type Definition = Readonly<Record<string, unknown>>

interface Kind {
  group: string
  version: string
  kind: string
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
/** The descriptions that upstream gives to what every object and every list has. */
const more = 'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'
const typeMeta = {
  apiVersion: {
    description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. ${more}#resources`,
    type: 'string',
  },
  kind: {
    description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. ${more}#types-kinds`,
    type: 'string',
  },
}
const objectMeta = {
  $ref: `#/definitions/${meta}.ObjectMeta`,
  description: `Standard object's metadata. ${more}#metadata`,
}
const listMeta = { $ref: `#/definitions/${meta}.ListMeta`, description: `Standard list metadata. ${more}#types-kinds` }

/** The name under which a custom resource's kind is published: its group backwards, version and kind. */
export function customDefinitionName({ group, version, kind }: Kind): string {
  return [...group.split('.').reverse(), version, kind].join('.')
}

/** The definitions of those kinds that CustomResourceDefinitions make (controller/openapi/builder), for one form of OpenAPI. */
export function customDefinitions(resources: readonly Resource[], form: 'v2' | 'v3'): Record<string, Definition> {
  return Object.fromEntries(
    resources.flatMap(resource => {
      const { published, ref, listKind = `${ref.kind}List` } = resource
      if (!published) return []
      const own = customDefinitionName(ref)
      const list = customDefinitionName({ ...ref, kind: `${ref.kind}List` })
      return [
        [own, { ...kindSchema(published, form), ...extensions(resource, ref.kind) }] as const,
        [list, { ...listSchema(resource, { own, listKind }), ...extensions(resource, listKind) }] as const,
      ]
    }),
  )
}

function extensions({ ref, fields = {} }: Resource, kind: string): Definition {
  const selectable = Object.keys(fields).map(fieldPath => ({ fieldPath }))
  return {
    'x-kubernetes-group-version-kind': [{ group: ref.group, kind, version: ref.version }],
    ...(selectable.length > 0 && { 'x-kubernetes-selectable-fields': selectable }),
  }
}

function kindSchema(schema: Schema, form: 'v2' | 'v3'): Definition {
  // kubectl takes properties in v2 for all there are, and would refuse what is free.
  if (form === 'v2' && schema['x-kubernetes-preserve-unknown-fields']) return { type: 'object' }
  const own = withEmbedded(form === 'v2' ? inVersion2(schema) : unfolded(schema), form)
  return { ...own, properties: { ...members(own), ...typeMeta, metadata: objectMeta } }
}

function listSchema({ ref }: Resource, { own, listKind }: { own: string; listKind: string }): Definition {
  const items = {
    description: `List of ${ref.resource}. ${more}`,
    type: 'array',
    items: { $ref: `#/definitions/${own}` },
  }
  return {
    description: `${listKind} is a list of ${ref.kind}`,
    type: 'object',
    required: ['items'],
    properties: { ...typeMeta, items, metadata: listMeta },
  }
}

const members = ({ properties }: Definition): Record<string, Definition> =>
  isObject(properties) ? (properties as Record<string, Definition>) : {}

/** The schemas right below one, changed; junctors apart. */
function mapped<T extends object>(schema: Schema, change: (below: Schema) => T) {
  const { properties, items, additionalProperties } = schema
  return {
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, change(one)])),
    }),
    ...(items && { items: change(items) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: change(additionalProperties) }),
  }
}

const either = [{ type: 'integer' }, { type: 'string' }]

/** x-kubernetes-int-or-string spelt out, as OpenAPI knows it (apiserver/schema/unfold.go). */
function unfolded(schema: Schema): Definition {
  const own = { ...schema, ...mapped(schema, unfolded) }
  if (!schema['x-kubernetes-int-or-string']) return own
  if (!schema.anyOf) return { ...own, anyOf: either }
  if (JSON.stringify(schema.anyOf) === JSON.stringify(either)) return own
  return { ...own, allOf: [{ anyOf: either }, ...(schema.allOf ?? [])] }
}

/** What OpenAPI v2 and kubectl's readers of it can take (controller/openapi/v2/conversion.go). */
function inVersion2(schema: Schema): Definition {
  const { allOf: _allOf, anyOf: _anyOf, oneOf: _oneOf, not: _not, nullable, ...kept } = schema
  const isFree = schema['x-kubernetes-preserve-unknown-fields'] === true
  const own: Record<string, unknown> = { ...kept, ...mapped(schema, inVersion2) }
  if (nullable || isFree) {
    delete own.items
    delete own.properties
  }
  const untyped = nullable || (own.type === 'array' && !own.items) || (isFree && own.type === 'object')
  if (untyped) delete own.type
  const { properties = {}, additionalProperties } = schema
  const isNullable = (name: string) => Object.hasOwn(properties, name) && properties[name]?.nullable === true
  const required =
    typeof additionalProperties === 'object' && additionalProperties.nullable
      ? []
      : (schema.required ?? []).filter(name => !isNullable(name))
  if (required.length > 0) own.required = required
  else delete own.required
  return own
}

/** With what embedded objects have. */
function withEmbedded(schema: Definition, form: 'v2' | 'v3'): Definition {
  const own = { ...schema, ...mapped(schema as Schema, below => withEmbedded(below as Definition, form)) }
  const isFree = form === 'v2' && schema['x-kubernetes-preserve-unknown-fields'] === true
  if (isFree || schema['x-kubernetes-embedded-resource'] !== true) return own
  const required = new Set([...((schema.required as string[] | undefined) ?? []), 'kind', 'apiVersion'])
  return { ...own, required: [...required], properties: { ...members(own), ...typeMeta, metadata: objectMeta } }
}
