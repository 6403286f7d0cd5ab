import { isList, isObject, setMember } from '../../../shared/machinery/json-value.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { memberOf } from './prune.ts'

/**
 * Fills in a structural schema's defaults in place, parents first (apiserver/schema/defaulting/algorithm.go): an absent
 * member gets its default, and so does a null where null is not allowed.
 */
export function setDefaults(schema: Schema | undefined, value: unknown): void {
  if (isList(value)) {
    const { items } = schema ?? {}
    if (!items) return
    value.forEach((item, i) => {
      if (item === null && !items.nullable) value[i] = copy(items)
      setDefaults(items, value[i])
    })
    return
  }
  if (!isObject(value)) return
  for (const [name, property] of Object.entries(schema?.properties ?? {})) {
    if ((property.default ?? null) === null) continue
    const absent = !Object.hasOwn(value, name) || (value[name] === null && !property.nullable)
    if (absent) setMember(value, name, copy(property))
  }
  for (const name of Object.keys(value)) {
    const member = memberOf(schema, name)
    const isNamed = Object.hasOwn(schema?.properties ?? {}, name)
    if (member && !isNamed && value[name] === null && !member.nullable) setMember(value, name, copy(member))
    if (member) setDefaults(member, value[name])
  }
}

const copy = (schema: Schema) => structuredClone(schema.default ?? null)
