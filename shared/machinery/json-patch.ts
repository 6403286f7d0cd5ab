import { copyJson, isDeeperThan, isList, isObject, jsonEqual, maxDepth, setMember } from './json-value.ts'
import { notUnmarshalled } from './go-types.ts'
import { badRequest, failure, tooLarge } from './status.ts'
import type { StatusError } from './status.ts'
import { parseJson } from './exact-json.ts'

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
 * operations, and 422 for a patch that does not apply, copies too much or nests too deep.
 */
export function applyJsonPatch(original: unknown, patch: unknown): unknown {
  if (!isList(patch)) throw badRequest(notUnmarshalled(patch, 'jsonpatch.Patch'))
  if (patch.length > maxOperations) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  }
  const root = { document: copyJson(original), copied: 0 }
  for (const item of patch) {
    if (!isObject(item)) throw badRequest(notUnmarshalled(item, 'jsonpatch.Operation'))
    applyOperation(root, readOperation(item))
  }
  const { document } = root
  if ((!isObject(document) && !isList(document)) || isDeeperThan(document, maxDepth)) throw rejected()
  return document
}

function readOperation(item: Record<string, unknown>): Operation {
  const { op, path, from } = item
  if (typeof op !== 'string' || typeof path !== 'string') throw rejected()
  if (op !== 'move' && op !== 'copy') return { op, path, value: item.value ?? null }
  if (typeof from !== 'string') throw rejected()
  return { op, path, from }
}

function applyOperation(root: { document: unknown; copied: number }, { op, path, from = '', value }: Operation): void {
  switch (op) {
    case 'add':
      add(root.document, path, copyJson(value))
      break
    case 'remove':
      remove(root.document, path)
      break
    case 'replace':
      if (path === '') root.document = copyJson(value)
      else replace(root.document, path, copyJson(value))
      break
    case 'move': {
      const moved = read(root.document, from)
      remove(root.document, from)
      add(root.document, path, moved)
      break
    }
    case 'copy': {
      const copied = read(root.document, from)
      // Copies into copies double the depth each time.
      if (isDeeperThan(copied, maxDepth)) throw rejected()
      const text = JSON.stringify(copied)
      root.copied += text.length
      if (root.copied > maxCopied) throw rejected()
      add(root.document, path, parseJson(text))
      break
    }
    case 'test':
      if (!jsonEqual(path === '' ? root.document : read(root.document, path), value)) throw rejected()
      break
    default:
      throw rejected()
  }
}

/** The container that a pointer ends in, and its last step. */
function find(document: unknown, path: string): { container: Container; key: string } {
  const steps = path
    .split('/')
    .slice(1)
    .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const key = steps.pop()
  if (key === undefined) throw rejected()
  let at: unknown = document
  for (const step of steps) {
    if (isList(at)) at = at[indexIn(at, step)]
    else if (isObject(at)) at = Object.hasOwn(at, step) ? at[step] : undefined
    else throw rejected()
  }
  if (!isList(at) && !isObject(at)) throw rejected()
  return { container: at, key }
}

function read(document: unknown, path: string): unknown {
  const { container, key } = find(document, path)
  if (!isList(container)) return Object.hasOwn(container, key) ? container[key] : null
  return container[existing(container, key)]
}

function add(document: unknown, path: string, value: unknown): void {
  const { container, key } = find(document, path)
  if (!isList(container)) setMember(container, key, value)
  else if (key === '-') container.push(value)
  else {
    const at = indexIn(container, key, container.length + 1)
    if (at < 0 || at > container.length) throw rejected()
    container.splice(at, 0, value)
  }
}

function remove(document: unknown, path: string): void {
  const { container, key } = find(document, path)
  if (isList(container)) container.splice(existing(container, key), 1)
  else if (Object.hasOwn(container, key)) Reflect.deleteProperty(container, key)
  else throw rejected()
}

function replace(document: unknown, path: string, value: unknown): void {
  const { container, key } = find(document, path)
  if (isList(container)) container[existing(container, key)] = value
  else setMember(container, key, value)
}

function existing(list: unknown[], key: string): number {
  const at = indexIn(list, key)
  if (at < 0 || at >= list.length) throw rejected()
  return at
}

function indexIn(list: unknown[], step: string, size = list.length): number {
  if (!/^-?\d+$/.test(step)) throw rejected()
  const at = Number(step)
  return at < 0 ? at + size : at
}

/** The one answer to every patch that does not apply: like upstream, it does not say why (handlers/patch.go, NewGenericServerResponse). */
function rejected(): StatusError {
  const message = 'the server rejected our request due to an error in our request'
  return failure({ code: 422, reason: 'Invalid', message, details: {} })
}
