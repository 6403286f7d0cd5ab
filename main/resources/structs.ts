import { setMember, type JsonObject } from '../../shared/machinery/json-value.ts'

/**
 * Gives an object the members that are structs in Go and so are never absent there, whatever a client leaves out. To be
 * called before anything reads them.
 */
export function ensureStructs(object: object, ...names: string[]): void {
  for (const name of names) if (!Object.hasOwn(object, name)) setMember(object as JsonObject, name, {})
}
