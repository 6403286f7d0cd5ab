import { isList, isObject, jsonEqual, setMember } from './json-value.ts'
import { badRequest, failure, tooLarge } from './status.ts'
import type { StatusError } from './status.ts'

/** apiserver/pkg/endpoints/handlers/patch.go, maxJSONPatchOperations. */
const maxOperations = 10_000
/** What all copies of a patch may add, in characters of JSON (apiserver/pkg/server/config.go, JSONPatchMaxCopyBytes). */
const maxCopied = 3 * 1024 * 1024

interface Operation {
  op: string
  path: string
  from?: string
  value?: unknown
}

type Container = Record<string, unknown> | unknown[]

/**
 * Applies a JSON Patch (RFC 6902) to a copy and returns it. As upstream's library: `replace` may set a member that is
 * not there, and a negative index counts from the end. Throws 400 for what is no patch, 413 for more than 10,000
 * operations, and 422 for a patch that does not apply or copies too much.
 */
export function applyJsonPatch(original: unknown, patch: unknown): unknown {
  if (!isList(patch))
    throw badRequest(`json: cannot unmarshal ${jsonType(patch)} into Go value of type jsonpatch.Patch`)
  if (patch.length > maxOperations) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  }
  const root = { document: structuredClone(original), copied: 0 }
  for (const item of patch) {
    if (!isObject(item))
      throw badRequest(`json: cannot unmarshal ${jsonType(item)} into Go value of type jsonpatch.Operation`)
    applyOperation(root, readOperation(item))
  }
  return root.document
}

function readOperation(item: Record<string, unknown>): Operation {
  const { op, path, from } = item
  if (typeof op !== 'string') throw rejected('Unexpected kind: unknown')
  if (typeof path !== 'string') throw rejected(`${op} operation failed to decode path: missing value`)
  if (op !== 'move' && op !== 'copy') return { op, path, value: item.value ?? null }
  if (typeof from !== 'string') throw rejected(`${op} operation failed to decode from: missing value`)
  return { op, path, from }
}

function applyOperation(root: { document: unknown; copied: number }, { op, path, from = '', value }: Operation): void {
  switch (op) {
    case 'add':
      add(root.document, { op, path, value: structuredClone(value) })
      break
    case 'remove':
      remove(root.document, { op, path })
      break
    case 'replace':
      if (path === '') root.document = structuredClone(value)
      else replace(root.document, { path, value: structuredClone(value) })
      break
    case 'move': {
      const moved = read(root.document, { op, path: from })
      remove(root.document, { op, path: from })
      add(root.document, { op, path, value: moved })
      break
    }
    case 'copy': {
      const text = JSON.stringify(read(root.document, { op, path: from }))
      root.copied += text.length
      if (root.copied > maxCopied) {
        const sizes = `the accumulated size increase of copy is ${root.copied}, exceeding the limit ${maxCopied}`
        throw rejected(`Unable to complete the copy, ${sizes}`)
      }
      add(root.document, { op, path, value: JSON.parse(text) as unknown })
      break
    }
    case 'test':
      if (!jsonEqual(path === '' ? root.document : read(root.document, { op, path }), value)) {
        throw rejected(`testing value ${path} failed: test failed`)
      }
      break
    default:
      throw rejected(`Unexpected kind: ${op}`)
  }
}

interface Place {
  op: string
  path: string
}

/** The container that a pointer ends in, and its last step. */
function find(document: unknown, { op, path }: Place): { container: Container; key: string } {
  const missing = () => rejected(`${op} operation does not apply: doc is missing path: "${path}": missing value`)
  const steps = path
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const key = steps.pop()
  if (key === undefined) throw missing()
  let at: unknown = document
  for (const step of steps) {
    if (isList(at)) at = at[indexIn(at, step)]
    else if (isObject(at)) at = Object.hasOwn(at, step) ? at[step] : undefined
    else throw missing()
  }
  if (!isList(at) && !isObject(at)) throw missing()
  return { container: at, key }
}

function read(document: unknown, place: Place): unknown {
  const { container, key } = find(document, place)
  if (!isList(container)) return Object.hasOwn(container, key) ? container[key] : null
  return container[existing(container, key)]
}

function add(document: unknown, { value, ...place }: Place & { value: unknown }): void {
  const { container, key } = find(document, place)
  if (!isList(container)) setMember(container, key, value)
  else if (key === '-') container.push(value)
  else {
    const at = indexIn(container, key, container.length + 1)
    if (at < 0 || at > container.length) throw invalidIndex(key)
    container.splice(at, 0, value)
  }
}

function remove(document: unknown, place: Place): void {
  const { container, key } = find(document, place)
  if (isList(container)) container.splice(existing(container, key), 1)
  else if (Object.hasOwn(container, key)) Reflect.deleteProperty(container, key)
  else
    throw rejected(`error in remove for path: '${place.path}': Unable to remove nonexistent key: ${key}: missing value`)
}

function replace(document: unknown, { path, value }: { path: string; value: unknown }): void {
  const { container, key } = find(document, { op: 'replace', path })
  if (isList(container)) container[existing(container, key)] = value
  else setMember(container, key, value)
}

function existing(list: unknown[], key: string): number {
  const at = indexIn(list, key)
  if (at < 0 || at >= list.length) throw invalidIndex(key)
  return at
}

function indexIn(list: unknown[], step: string, size = list.length): number {
  if (!/^-?\d+$/.test(step)) throw rejected(`value was not a proper array index: '${step}'`)
  const at = Number(step)
  return at < 0 ? at + size : at
}

const invalidIndex = (key: string) => rejected(`Unable to access invalid index: ${key}: invalid index referenced`)

/** Upstream's answer keeps the reason to itself; ours gives it as a cause, so that `kubectl patch` can show it. */
function rejected(message: string): StatusError {
  const text = 'the server rejected our request due to an error in our request'
  return failure({ code: 422, reason: 'Invalid', message: text, details: { causes: [{ message }] } })
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (isList(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
