import type { KubeObject, StatusCause } from '../../../shared/api/object.ts'
import { forbidden } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'

/** Bytes that a ConfigMap or a Secret may hold (core.MaxSecretSize). */
export const sizeLimit = 1024 * 1024

/** How many bytes base64 stands for. */
export function decodedLength(base64: string): number {
  return Buffer.byteLength(base64, 'base64')
}

/** The faults of changing a ConfigMap or Secret that says `immutable: true` (KEP-1412). */
export function fixedWhenImmutable<T extends KubeObject & { immutable?: boolean }>(
  object: T,
  old: T,
  fields: (keyof T & string)[],
): StatusCause[] {
  if (old.immutable !== true) return []
  const detail = 'field is immutable when `immutable` is set'
  const changed = fields.filter(field => !jsonEqual(object[field] ?? {}, old[field] ?? {}))
  return [...(object.immutable === true ? [] : ['immutable']), ...changed].map(field => forbidden(field, detail))
}
