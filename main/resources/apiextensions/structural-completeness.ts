import type { StatusCause } from '../../../shared/api/object.ts'
import { child, key, required } from '../../../shared/machinery/field-errors.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { junctors } from './sub-schemas.ts'

interface Position {
  /** The structural schema that the nested one is about; undefined if there is none. */
  schema: Schema | undefined
  path: string
  nestedPath: string
}

/** Whether all that junctors speak of is there without them (apiserver/schema/complete.go). */
export function validateCompleteness(schema: Schema, path: string): StatusCause[] {
  return junctors(schema, path).flatMap(nested =>
    validateNested(nested.schema as Schema, { schema, path, nestedPath: nested.path }),
  )
}

function validateNested(nested: Schema, { schema, path, nestedPath }: Position): StatusCause[] {
  if (!schema) return [required(path, `because it is defined in ${nestedPath}`)]
  const faults = junctors(nested, nestedPath).flatMap(inner =>
    validateNested(inner.schema as Schema, { schema, path, nestedPath: inner.path }),
  )
  if (nested.items) {
    const at = { schema: schema.items, path: child(path, 'items'), nestedPath: child(nestedPath, 'items') }
    faults.push(...validateNested(nested.items, at))
  }
  for (const [name, property] of Object.entries(nested.properties ?? {})) {
    const own = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    const at = {
      schema: own,
      path: key(child(path, 'properties'), name),
      nestedPath: key(child(nestedPath, 'properties'), name),
    }
    faults.push(...validateNested(property, at))
  }
  return faults
}
