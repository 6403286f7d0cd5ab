import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { KubeObject, StatusCause } from '../../shared/api/object.ts'
import { apiVersionOf } from '../../shared/api/ref.ts'
import { firstTypeFault } from '../../shared/machinery/schema-validate.ts'
import { applyDefaults, normalise, pruneUnknown } from '../../shared/machinery/schema-walk.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts'
import type { Resource, StrategyContext } from './resource.ts'
import { builtInResources } from './resources.ts'

/*
 * testdata/*.jsonl holds what kube-apiserver v1.36.0's own packages answered for these objects: its decoder, its
 * defaulting functions (pkg/apis), its rest strategies (pkg/registry) and its printers (pkg/printers), called from a Go
 * program. The same objects go through our hooks here, in the order the API server calls them.
 */

interface Case {
  name: string
  kind: string
  subresource?: 'status'
  object: KubeObject
  /** Present when the request changes this object. */
  old?: KubeObject
  causes?: StatusCause[]
  /** The text with which the decoder refused the object. */
  error?: string
}

interface Row {
  now: number
  object: KubeObject
  cells: unknown[]
  /** name/type/format/priority, in the first row of a kind. */
  columns?: string[]
}

interface Defaulted {
  name: string
  object: KubeObject
  created: unknown
}

const testdata = new URL('testdata/', import.meta.url)

/** What `<topic>.jsonl` and `<topic>-<group>.jsonl` hold. */
function lines<T>(topic: string): T[] {
  const files = readdirSync(testdata).filter(name => name === `${topic}.jsonl` || name.startsWith(`${topic}-`))
  const texts = files.map(name => readFileSync(new URL(name, testdata), 'utf8').trimEnd())
  return texts.flatMap(text => text.split('\n').map(line => JSON.parse(line) as T))
}

const context: StrategyContext = { now: 0, random: Math.random, user: 'jane', warn() {} }

function resourceOf({ apiVersion = '', kind = '' }: KubeObject): Resource {
  const found = builtInResources.find(({ ref }) => ref.kind === kind && apiVersionOf(ref) === apiVersion)
  if (!found) throw new Error(`no resource of kind ${kind} in ${apiVersion}`)
  return found
}

/** What is left of a client's object once it is decoded and defaulted. */
function complete(resource: Resource, sent: KubeObject): KubeObject {
  const object = structuredClone(sent)
  const schema = resource.schema()
  pruneUnknown(schema, object)
  normalise(schema, object)
  applyDefaults(schema, object)
  object.metadata = { ...object.metadata }
  resource.setDefaults?.(object)
  return object
}

/** With what the API server adds to a new object by itself. */
function accepted(resource: Resource, sent: KubeObject): KubeObject {
  const object = complete(resource, sent)
  object.metadata.uid = 'uid'
  object.metadata.creationTimestamp = '2026-01-01T00:00:00Z'
  if (resource.ref.namespaced) object.metadata.namespace ??= 'default'
  return object
}

/** With what a client that read the object sends back. */
const stored = (resource: Resource, sent: KubeObject): KubeObject => {
  const object = accepted(resource, sent)
  Object.assign(object.metadata, { resourceVersion: '1', generation: 1 })
  return object
}

function create(resource: Resource, sent: KubeObject): KubeObject {
  const object = accepted(resource, sent)
  resource.prepareForCreate?.(object, context)
  return object
}

function createFaults(resource: Resource, sent: KubeObject): StatusCause[] {
  const object = create(resource, sent)
  return [...validateObjectMeta(object, resource), ...(resource.validate?.(object) ?? [])]
}

function updateFaults(resource: Resource, sent: KubeObject, before: KubeObject): StatusCause[] {
  const old: KubeObject & { status?: unknown } = stored(resource, before)
  const object: KubeObject & { status?: unknown } = stored(resource, sent)
  if (resource.status) {
    delete object.status
    if (old.status !== undefined) object.status = structuredClone(old.status)
  }
  resource.prepareForUpdate?.(object, old, context)
  return [...validateObjectMetaUpdate(object, old), ...(resource.validateUpdate?.(object, old) ?? [])]
}

function statusFaults(resource: Resource, sent: KubeObject, before: KubeObject): StatusCause[] {
  const old: KubeObject & { status?: unknown } = stored(resource, before)
  const { metadata, status }: KubeObject & { status?: unknown } = stored(resource, sent)
  const object = { ...structuredClone(old), metadata, ...(status !== undefined && { status }) }
  resource.status?.prepareForUpdate?.(object, old, context)
  return [...validateObjectMetaUpdate(object, old), ...(resource.status?.validateUpdate?.(object, old) ?? [])]
}

function faults({ subresource, object, old }: Case): StatusCause[] {
  const resource = resourceOf(object)
  if (!old) return createFaults(resource, object)
  return subresource ? statusFaults(resource, object, old) : updateFaults(resource, object, old)
}

/** Their order and how often one is repeated are not part of the contract. */
const asSet = (causes: StatusCause[]) =>
  [...new Set(causes.map(({ field, reason, message }) => `${field ?? ''} ${reason ?? ''} ${message ?? ''}`))].sort()

describe('what upstream refuses', () => {
  it.each(lines<Case>('validation'))('$kind $name', example => {
    expect(firstTypeFault(resourceOf(example.object).schema(), example.object)).toBe(example.error)
    if (example.causes) expect(asSet(faults(example))).toEqual(asSet(example.causes))
  })
})

describe('what upstream warns of', () => {
  it.each(lines<Case & { warnings: string[] }>('warnings'))('$kind $name', example => {
    const said: string[] = []
    const { subresource, object: sent, old: before } = example
    const resource = resourceOf(sent)
    const noting = { ...context, warn: (text: string) => said.push(text) }
    if (!before) {
      const object = accepted(resource, sent)
      resource.prepareForCreate?.(object, noting)
      said.push(...(resource.warnings?.(object, undefined) ?? []))
    } else {
      const old = stored(resource, before)
      const object = stored(resource, sent)
      const strategy = subresource ? resource.status : resource
      strategy?.prepareForUpdate?.(object, old, noting)
      said.push(...(strategy?.warnings?.(object, old) ?? []))
    }
    expect([...new Set(said)].sort()).toEqual([...example.warnings].sort())
  })
})

const unset = (value: unknown) =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** An object as Go prints it, without zero values and what differs from one run to the next. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  const volatile = ['lastTransitionTime', 'lastPhaseTransitionTime', 'creationTimestamp', 'uid', 'resourceVersion']
  const entries = Object.entries(value).map(([key, field]) => [key, bare(field)] as const)
  return Object.fromEntries(entries.filter(([key, field]) => !volatile.includes(key) && !unset(field)))
}

describe('what upstream fills in', () => {
  it.each(lines<Defaulted>('defaults'))('$object.kind $name', ({ object, created }) => {
    expect(bare(create(resourceOf(object), object))).toEqual(created)
  })
})

describe('what upstream prints', () => {
  it.each(lines<Row>('tables'))('$object.kind %#', ({ now, object, cells, columns }) => {
    const resource = resourceOf(object)
    const shown = complete(resource, object)
    expect(resource.columns.map(column => column.cell(shown, now))).toEqual(cells)
    const described = resource.columns.map(column =>
      [column.name, column.type, column.format ?? '', column.priority ?? 0].join('/'),
    )
    if (columns) expect(described).toEqual(columns)
  })
})
