import { canonicalJson } from '../../shared/machinery/hash.ts'

/** Whether two values are the same on the wire, whatever the order of their keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b)
}
