import { child, key } from '../../../shared/machinery/field-errors.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'

type Found = { path: string; root: string; schema: Schema } | { fault: string }

const noField: Found = { fault: 'does not refer to a valid field' }
const ends: Found = { fault: 'unexpected end of JSON path' }

/**
 * The schema that a path leads to, `.spec.name` or with `arrayNotation` `.spec['a.b']`, or upstream's words for why there is
 * none (ValidFieldPath in apiextensions-apiserver/pkg/apiserver/schema/cel).
 */
export function followPath(schema: Schema, text: string, { arrayNotation }: { arrayNotation: boolean }): Found {
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|[.[\]]|[^.[\]]+/gu) ?? []
  let at: { path: string; root: string; schema: Schema } = { path: '', root: '', schema }
  for (let i = 0; i < tokens.length; i += 2) {
    const token = tokens[i]
    if (token !== '.' && token !== '[') return { fault: `expected [ or . but got: ${token ?? ''}` }
    if (token === '[' && !arrayNotation) return { fault: 'array notation is not allowed' }
    const given = tokens[i + 1]
    if (given === undefined) return ends
    if (token === '[' && !/^'.*'$/su.test(given)) return { fault: `expected single quoted string but got ${given}` }
    const name = token === '[' ? given.slice(1, -1).replace(/\\(.)/gsu, '$1') : given
    const next = step(at, name)
    if (!next) return noField
    at = next
    if (token === '[') {
      const end = tokens[i + 2]
      if (end !== ']') return end === undefined ? ends : { fault: `expected ] but got ${end}` }
      i++
    }
  }
  return at
}

function step({ path, root, schema }: { path: string; root: string; schema: Schema }, name: string) {
  const { properties, additionalProperties } = schema
  if (properties) {
    const found = Object.hasOwn(properties, name) ? properties[name] : undefined
    return found && { path: child(path, name), root: root || name, schema: found }
  }
  return typeof additionalProperties === 'object'
    ? { path: key(path, name), root: root || name, schema: additionalProperties }
    : undefined
}
