import { copyJson, isObject, setMember, type JsonObject } from './json-value.ts'
import { badRequest } from './status.ts'

/** Applies a JSON merge patch (RFC 7386) to a copy and returns it. Throws 400 for a patch that is no object. */
export function applyMergePatch(original: unknown, patch: unknown): JsonObject {
  if (!isObject(patch)) throw badRequest('Invalid JSON Patch')
  return merge(copyJson(original), copyJson(patch))
}

function merge(target: unknown, patch: JsonObject): JsonObject {
  const result = isObject(target) ? target : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, key)
    else if (isObject(value)) setMember(result, key, merge(Object.hasOwn(result, key) ? result[key] : undefined, value))
    else setMember(result, key, value)
  }
  return result
}
