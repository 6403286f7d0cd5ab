import { isList, isObject } from '../../../../shared/machinery/json-value.ts'
import {
  itemSchema,
  listKeys,
  mapRelation,
  memberSchema,
} from '../../../../shared/machinery/managed-fields/field-type.ts'
import type { Schema } from '../../../../shared/machinery/schema.ts'

/**
 * Where a configuration sets lists or maps that can only be replaced as a whole: a policy may not, for it would remove what
 * it does not name (admission/plugin/policy/mutating/patch/smd.go).
 */
export function findAtomics(schema: Schema, value: unknown, path = ''): string[] {
  if (isList(value)) {
    const own = listKeys(schema) === 'atomic' ? [path] : []
    return [...own, ...value.flatMap((item, i) => findAtomics(itemSchema(schema), item, `${path}[${i}]`))]
  }
  if (!isObject(value)) return []
  const own = mapRelation(schema) === 'atomic' ? [path] : []
  const members = Object.entries(value).flatMap(([name, member]) =>
    schema.properties && Object.hasOwn(schema.properties, name)
      ? findAtomics(memberSchema(schema, name), member, `${path}.${name}`)
      : [],
  )
  return [...own, ...members]
}
