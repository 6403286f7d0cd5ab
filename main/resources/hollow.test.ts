import { expect, test } from 'vitest'
import type { KubeObject } from '../../shared/api/object.ts'
import { apiVersionOf } from '../../shared/api/ref.ts'
import type { Schema } from '../../shared/machinery/schema.ts'
import { applyDefaults, normalise } from '../../shared/machinery/schema-walk.ts'
import { metricsKinds } from './metrics/kinds.ts'
import type { Resource, StrategyContext } from './resource.ts'
import { builtInResources } from './resources.ts'

/* Go has a zero value for whatever a client leaves out; our hooks must bear what is absent, and refuse it or not. */

const context: StrategyContext = { now: 0, random: Math.random, user: 'jane', warn() {} }

/** One value for each struct of a schema down to a depth: with all structs around it, and nothing in them. */
function* hollows(schema: Schema, depth: number): Generator {
  const { properties, items, additionalProperties: values } = schema
  if (properties) {
    yield {}
    if (depth <= 0) return
    for (const [name, member] of Object.entries(properties)) {
      for (const value of hollows(member, depth - 1)) yield { [name]: value }
    }
  } else if (items) {
    for (const value of hollows(items, depth)) yield [value]
  } else if (typeof values === 'object') {
    for (const value of hollows(values, depth - 1)) yield { key: value }
  }
}

function* hollowObjects({ ref, schema }: Resource): Generator<KubeObject> {
  const metadata = { name: 'x', namespace: 'y', uid: 'u' }
  yield { apiVersion: apiVersionOf(ref), kind: ref.kind, metadata }
  for (const [name, member] of Object.entries(schema().properties ?? {})) {
    if (name === 'metadata') continue
    for (const value of hollows(member, 4))
      yield { apiVersion: apiVersionOf(ref), kind: ref.kind, metadata, [name]: value }
  }
}

function decoded(resource: Resource, sent: KubeObject): KubeObject {
  const object = structuredClone(sent)
  normalise(resource.schema(), object)
  applyDefaults(resource.schema(), object)
  resource.setDefaults?.(object)
  return object
}

function pass(resource: Resource, sent: KubeObject): void {
  const object = decoded(resource, sent)
  resource.prepareForCreate?.(object, context)
  const faults = resource.validate?.(object) ?? []
  if (faults.length === 0) for (const column of resource.columns) column.cell(object, 0)
  resource.warnings?.(object, undefined)
  for (const hooks of [resource, resource.status]) {
    const [changed, old] = [decoded(resource, sent), decoded(resource, sent)]
    hooks?.prepareForUpdate?.(changed, old, context)
    hooks?.validateUpdate?.(changed, old)
  }
}

const kinds = builtInResources.filter(resource => !metricsKinds.includes(resource) && resource.verbs.includes('create'))

test.for(kinds.map(resource => [resource.ref.kind, resource] as const))(
  'a %s with holes breaks nothing',
  ([, kind]) => {
    for (const object of hollowObjects(kind)) expect(() => pass(kind, object), JSON.stringify(object)).not.toThrow()
  },
)
