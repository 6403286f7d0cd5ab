import { copyJson, goValue, isList, isObject, setMember, type JsonObject } from './json-value.ts'
import { goType, notUnmarshalled } from './go-types.ts'
import type { Schema } from './schema.ts'
import { badRequest, failure, type StatusError } from './status.ts'
import { orderMerged } from './strategic-merge-order.ts'

interface Given {
  schema: Schema
  original: JsonObject
  patch: unknown
}

/**
 * Applies a strategic merge patch to a copy and returns it (apimachinery/pkg/util/strategicpatch/patch.go): lists with
 * a merge strategy are merged by their key, with the directives `$patch`, `$deleteFromPrimitiveList/<field>`,
 * `$setElementOrder/<field>` and `$retainKeys`. `null` is a patch of nothing. Throws 400 for a patch that is malformed, and
 * 500 where upstream takes that for a fault of its own (a list item without its merge key, say).
 */
export function applyStrategicMergePatch({ schema, original, patch }: Given): JsonObject {
  const given = patch ?? {}
  if (!isObject(given)) throw badRequest(notUnmarshalled(given, 'map[string]interface {}'))
  return mergeObjects({ schema, original: copyJson(original), patch: copyJson(given) })
}

interface Merge {
  schema: Schema | undefined
  original: JsonObject
  patch: JsonObject
}

const deletePrefix = '$deleteFromPrimitiveList'
const orderPrefix = '$setElementOrder'

/** Merges `patch` into `original`, both of which it may change. */
function mergeObjects({ schema, original, patch }: Merge): JsonObject {
  const directive = patch.$patch
  if (directive === 'replace') {
    delete patch.$patch
    return patch
  }
  if (directive === 'delete') return {}
  if (directive !== undefined) throw badPatchType(directive, patch)
  retainKeys(original, patch)
  applyElementOrders({ schema, original, patch })

  for (const [name, value] of Object.entries(patch)) {
    const isDeletion = name.startsWith(deletePrefix)
    const key = isDeletion ? directiveField(name, deletePrefix) : name
    if (value === null) {
      Reflect.deleteProperty(original, key)
      continue
    }
    const field = fieldOf(schema, key)
    const current = Object.hasOwn(original, key) ? original[key] : undefined
    if (isDeletion) {
      if (isList(current) && isList(value)) {
        const gone = new Set(value)
        original[key] = current.filter(item => !gone.has(item))
      }
    } else if (isObject(current) && isObject(value)) {
      const replaces = strategyOf(field) === 'replace'
      setMember(original, key, replaces ? value : mergeObjects({ schema: field, original: current, patch: value }))
    } else if (isList(current) && isList(value) && strategyOf(field) === 'merge') {
      original[key] = mergeLists({ schema: field, original: current, patch: value }).items
    } else {
      take(original, key, value)
    }
  }
  return original
}

/** A value that stands alone: nulls are absences in it, and its directives go. */
function take(original: JsonObject, key: string, value: unknown): void {
  const kept = withoutDirectives(withoutNulls(value))
  if (kept === undefined) Reflect.deleteProperty(original, key)
  else setMember(original, key, kept)
}

function withoutNulls(value: unknown): unknown {
  if (isList(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]))
}

/** Undefined for a value that is itself a directive. */
function withoutDirectives(value: unknown): unknown {
  if (isList(value)) return value.map(withoutDirectives).filter(item => item !== undefined)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, '$patch')) return undefined
  const members = Object.entries(value).map(([key, member]) => [key, withoutDirectives(member)] as const)
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

/** `$retainKeys: [a, b]` clears every other field of a union such as a volume or a strategy. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  const keys = patch.$retainKeys
  if (keys === undefined) return
  delete patch.$retainKeys
  const badFormat = () => badRequest('invalid patch format of retainKeys')
  if (!isList(keys)) throw badFormat()
  for (const [key, value] of Object.entries(patch)) {
    const isDirective = key.startsWith(deletePrefix) || key.startsWith(orderPrefix)
    if (value !== null && !isDirective && !keys.includes(key)) throw badFormat()
  }
  for (const key of Object.keys(original)) if (!keys.includes(key)) Reflect.deleteProperty(original, key)
}

/** Merges each list that has a `$setElementOrder/<field>` and puts its items in the order asked for. */
function applyElementOrders({ schema, original, patch }: Merge): void {
  for (const [name, order] of Object.entries(patch)) {
    if (!name.startsWith(orderPrefix)) continue
    Reflect.deleteProperty(patch, name)
    if (!isList(order)) throw fault(`expected a []interface {}, but received a ${goType(order)}`)
    const key = directiveField(name, orderPrefix)
    const current = original[key]
    const wanted = patch[key]
    if (current === undefined && wanted === undefined) continue
    if ((current !== undefined && !isList(current)) || (wanted !== undefined && !isList(wanted))) throw badOrder()
    const field = fieldOf(schema, key)
    original[key] = mergeInOrder({ schema: field, original: current, patch: wanted }, order)
    Reflect.deleteProperty(patch, key)
  }
}

interface ListMerge {
  schema: Schema | undefined
  original: unknown[] | undefined
  patch: unknown[] | undefined
}

function mergeInOrder({ schema, original, patch }: ListMerge, order: unknown[]): unknown[] {
  const mergeKey = mergeKeyOf(schema)
  checkOrder({ patch: patch ?? [], order, mergeKey })
  if (!original) return patch?.map(withoutDirectives).filter(item => item !== undefined) ?? []
  if (!patch) return orderMerged({ items: original, wanted: order, live: original, mergeKey })
  if (strategyOf(schema) !== 'merge') return orderMerged({ items: patch, wanted: order, live: original, mergeKey })
  const { kept, added, items } = mergeLists({ schema, original, patch })
  // Upstream merges in place: what is added takes the places that deletions left, and counts as live there.
  const live = kept.length < original.length ? [...kept, ...added].slice(0, original.length) : original
  return orderMerged({ items, wanted: order, live, mergeKey })
}

/** The patch's items must stand in the same order as in the directive. */
function checkOrder({ patch, order, mergeKey }: { patch: unknown[]; order: unknown[]; mergeKey: string }): void {
  if (order.length === 0) return
  const identity = (item: unknown) => (mergeKey === '' ? item : keyed(item, mergeKey)[1])
  const directive = (item: unknown) => (isObject(item) ? item.$patch : undefined)
  const items = patch.filter(item => directive(item) !== 'delete')
  let at = 0
  for (const wanted of order) {
    while (at < items.length && directive(items[at]) !== undefined) at++
    if (at < items.length && identity(items[at]) === identity(wanted)) at++
  }
  if (at === items.length) return
  const lists = [goValue(patch), goValue(order)] as const
  throw fault(`The order in patch list:\n${lists[0]}\n doesn't match ${orderPrefix} list:\n${lists[1]}\n`)
}

interface WholeMerge extends ListMerge {
  original: unknown[]
  patch: unknown[]
}

interface MergedList {
  /** The original items that the patch does not delete. */
  kept: unknown[]
  /** Items that only the patch has. */
  added: unknown[]
  /** All of it, in order. */
  items: unknown[]
}

/** Merges two lists: scalars as a set, objects by their merge key. */
function mergeLists({ schema, original, patch }: WholeMerge): MergedList {
  const mergeKey = mergeKeyOf(schema)
  if (![...original, ...patch].some(isObject)) {
    const there = new Set(original)
    const added = [...new Set(patch)].filter(item => !there.has(item))
    const items = orderMerged({ items: [...there, ...added], wanted: patch, live: original, mergeKey: '' })
    return { kept: original, added, items }
  }
  if (![...original, ...patch].every(isObject)) {
    throw fault(`list element types are not identical: [${goValue(original)} ${goValue(patch)}]`)
  }
  if (mergeKey === '') throw fault('cannot merge lists without merge key')
  const { kept, plain, replaces } = applyDirectives({ original, patch, mergeKey })
  if (replaces) {
    for (const item of plain) keyed(item, mergeKey)
    return { kept: plain, added: [], items: plain }
  }
  const merged = [...kept]
  const places = new Map<unknown, number>()
  const place = (item: unknown, at: number) => {
    const [, key] = keyed(item, mergeKey)
    if (!places.has(key)) places.set(key, at)
  }
  if (plain.length > 0) kept.forEach(place)
  for (const item of plain) {
    const [wanted, key] = keyed(item, mergeKey)
    const at = places.get(key)
    const current = at === undefined ? undefined : merged[at]
    if (at !== undefined && isObject(current)) {
      merged[at] = mergeObjects({ schema: schema?.items, original: current, patch: wanted })
    } else {
      place(wanted, merged.length)
      merged.push(withoutDirectives(withoutNulls(wanted)))
    }
  }
  const added = merged.slice(kept.length)
  return { kept, added, items: orderMerged({ items: merged, wanted: plain, live: kept, mergeKey }) }
}

interface Directives {
  original: unknown[]
  patch: unknown[]
  mergeKey: string
}

/** Carries out `$patch: delete` and looks for `$patch: replace`; `plain` is the patch without them. */
function applyDirectives({ original, patch, mergeKey }: Directives): {
  kept: unknown[]
  plain: unknown[]
  replaces: boolean
} {
  const plain: unknown[] = []
  const gone = new Set<unknown>()
  let replaces = false
  for (const item of patch) {
    const directive = isObject(item) ? item.$patch : undefined
    if (directive === undefined) plain.push(item)
    else if (directive === 'replace') replaces = true
    else if (directive === 'delete') gone.add(keyed(item, mergeKey)[1])
    else if (directive === 'merge') throw fault('merging lists cannot yet be specified in the patch')
    else throw badPatchType(directive, isObject(item) ? item : {})
  }
  const kept = gone.size === 0 ? original : original.filter(item => !gone.has(keyed(item, mergeKey)[1]))
  return { kept, plain, replaces }
}

/** An item of a list of objects and the value that tells it from the others. */
function keyed(item: unknown, mergeKey: string): [item: JsonObject, key: unknown] {
  if (!isObject(item)) throw fault(`expected a map[string]interface {}, but received a ${goType(item)}`)
  if (!Object.hasOwn(item, mergeKey)) {
    throw fault(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`)
  }
  return [item, item[mergeKey]]
}

const mergeKeyOf = (field: Schema | undefined) => field?.['x-kubernetes-patch-merge-key'] ?? ''

/** The field that `$deleteFromPrimitiveList/finalizers` speaks of. */
function directiveField(name: string, prefix: string): string {
  const [found, ...rest] = name.split('/')
  if (found !== prefix || rest.length === 0)
    throw prefix === orderPrefix ? badOrder() : badRequest('invalid patch format of primitive list')
  return rest.join('/')
}

/** What upstream's handler takes for its own fault. */
const fault = (message: string): StatusError => failure({ code: 500, message })
const badOrder = () => badRequest('invalid patch format of setElementOrder list')
const badPatchType = (directive: unknown, patch: JsonObject) =>
  fault(`unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`)

function fieldOf(schema: Schema | undefined, key: string): Schema | undefined {
  const properties = schema?.properties
  if (properties && Object.hasOwn(properties, key)) return properties[key]
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined
}

/** The strategy beside retainKeys; '' merges objects and replaces lists. */
function strategyOf(field: Schema | undefined): string {
  const strategies = field?.['x-kubernetes-patch-strategy']?.split(',') ?? []
  return strategies.find(strategy => strategy !== 'retainKeys') ?? ''
}
