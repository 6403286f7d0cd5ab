import { readAsset, readBuiltAsset } from '../../resources/assets.ts'
import type { Resource } from '../../resources/resource.ts'
import { customDefinitionName } from './openapi-custom.ts'

/** A schema as the table of facts has it: with references, in OpenAPI v2's form. */
type Definition = Readonly<Record<string, unknown>>
export type Definitions = Readonly<Record<string, Definition>>

interface Kind {
  group: string
  version: string
  kind: string
}

let table: { definitions: Definitions; byKind: Map<string, string> } | undefined

/** All definitions of v1.36, and the names of those that are kinds; read on first use. */
function facts() {
  if (table) return table
  const definitions = described(enumerated(readAsset('schemas.json') as Definitions))
  const byKind = new Map<string, string>()
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = (definition['x-kubernetes-group-version-kind'] ?? []) as Kind[]
    for (const kind of kinds) if (kinds.length === 1) byKind.set(idOf(kind), name)
  }
  return (table = { definitions, byKind })
}

/** With the values of fields that take only some, which `kubectl explain` lists and upstream's decoder does not look at. */
function enumerated(definitions: Definitions): Definitions {
  const enums = readAsset('enums.json') as Record<string, Record<string, readonly string[]>>
  const entries = Object.entries(enums).map(([name, fields]): [string, Definition] => {
    const { properties, ...definition } = definitions[name] as Definition & { properties: Record<string, Definition> }
    const limited = Object.entries(fields).map(([field, values]) => {
      const { items, ...schema } = properties[field] as Definition & { items?: Definition }
      return [field, items ? { ...schema, items: { ...items, enum: values } } : { ...schema, enum: values }]
    })
    return [name, { ...definition, properties: { ...properties, ...Object.fromEntries(limited) } }]
  })
  return { ...definitions, ...Object.fromEntries(entries) }
}

type Texts = Record<string, { description?: string; properties: Record<string, string> }>

/** With the texts that `kubectl explain` shows. */
function described(definitions: Definitions): Definitions {
  const texts = readBuiltAsset('descriptions.json') as Texts | undefined
  if (!texts) return definitions
  const entries = Object.entries(definitions).map(([name, definition]): [string, Definition] => {
    const own = texts[name]
    if (!own) return [name, definition]
    const fields = Object.entries((definition.properties ?? {}) as Record<string, Definition>)
    const properties = fields.map(([field, schema]) => {
      // Where only the type is described, its words say more than none.
      const type = typeof schema.$ref === 'string' ? schema.$ref.slice('#/definitions/'.length) : ''
      const description = own.properties[field] ?? texts[type]?.description
      return [field, description === undefined ? schema : { description: withValues(description, schema), ...schema }]
    })
    return [
      name,
      {
        ...(own.description !== undefined && { description: own.description }),
        ...definition,
        ...(fields.length > 0 && { properties: Object.fromEntries(properties) }),
      },
    ]
  })
  return Object.fromEntries(entries)
}

/** Upstream's generator (kube-openapi/pkg/generators/enum.go) lists the values in the text, too, for readers of OpenAPI v2. */
function withValues(description: string, schema: Definition): string {
  if (!Array.isArray(schema.enum)) return description
  return `${description}\n\nPossible enum values:\n${schema.enum.map(value => ` - \`"${value}"\``).join('\n')}`
}

const idOf = ({ group, version, kind }: Kind) => `${group}/${version}/${kind}`

/** The name of a kind's definition; undefined for options of the core group, which have none. */
export function definitionName(kind: Kind): string | undefined {
  return facts().byKind.get(idOf(kind)) ?? (kind.group.includes('.') ? customDefinitionName(kind) : undefined)
}

export const deleteOptions = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'
export const statusDefinition = 'io.k8s.apimachinery.pkg.apis.meta.v1.Status'
export const patchDefinition = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch'
const watchEventDefinition = 'io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent'

/** The definitions that some kinds need, those that they refer to included; `custom` are those of custom resources. */
export function definitionsFor(roots: Iterable<string>, custom: Definitions): Definitions {
  const definitions = { ...facts().definitions, ...custom }
  const found = new Map<string, Definition>()
  const visit = (name: string) => {
    const definition = definitions[name]
    if (!definition || found.has(name)) return
    found.set(name, definition)
    for (const reference of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g)) visit(reference[1] ?? '')
  }
  for (const root of roots) visit(root)
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The kinds that the paths of some resources speak of. */
export function rootsOf(resources: readonly Resource[], extra: readonly Kind[]): string[] {
  const own = resources.flatMap(({ ref }) => [ref, { ...ref, kind: `${ref.kind}List` }])
  const names = [...own, ...extra].map(definitionName).filter(name => name !== undefined)
  return [...names, deleteOptions, statusDefinition, patchDefinition, watchEventDefinition]
}
