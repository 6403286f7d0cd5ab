import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, key, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { repeats } from '../faults.ts'
import { hasDefault, itemsOf, type WrittenSchema } from './sub-schemas.ts'

/** Whether x-kubernetes-map-type, -list-type and -list-map-keys fit the schema they are in (KEP-2332's merge strategies). */
export function validateListsAndMaps(schema: WrittenSchema, path: string): StatusCause[] {
  const mapType = schema['x-kubernetes-map-type']
  const listType = schema['x-kubernetes-list-type']
  const items = itemsOf(schema)
  const mapTypePath = child(path, 'x-kubernetes-map-type')
  const faults: StatusCause[] = []
  if (mapType !== undefined) {
    faults.push(...mustBe(schema, 'object', { path, because: 'x-kubernetes-map-type' }))
    if (!['atomic', 'granular'].includes(mapType)) {
      faults.push(notSupported(mapTypePath, mapType, ['atomic', 'granular']))
    }
  }
  if (listType !== undefined && schema.type !== 'array') {
    faults.push(...mustBe(schema, 'array', { path, because: 'x-kubernetes-list-type' }))
  } else if (listType === 'set' && items) faults.push(...validateSetItems(items, child(path, 'items')))
  const listTypePath = child(path, 'x-kubernetes-list-type')
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) {
    faults.push(notSupported(listTypePath, listType, ['atomic', 'set', 'map']))
  }
  if ((schema['x-kubernetes-list-map-keys'] ?? []).length > 0 && listType !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty'
    faults.push(listType === undefined ? required(listTypePath, why) : invalid(listTypePath, listType, why))
  }
  if (listType === 'map') faults.push(...validateMapKeys(schema, path))
  if (items && (listType === 'set' || listType === 'map')) faults.push(...validateNullability(schema, items, path))
  return faults
}

function mustBe(
  { type = '' }: WrittenSchema,
  wanted: string,
  { path, because }: { path: string; because: string },
): StatusCause[] {
  if (type === wanted) return []
  const why = `must be ${wanted} if ${because} is specified`
  const at = child(path, 'type')
  return [type === '' ? required(at, why) : invalid(at, type, why)]
}

/** What is compared as a whole must be a whole. */
function validateSetItems(items: Schema, path: string): StatusCause[] {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const listType = items['x-kubernetes-list-type']
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic') {
    return [invalid(child(path, 'x-kubernetes-list-type'), listType, why)]
  }
  if (items.type !== 'object' || items['x-kubernetes-map-type'] === 'atomic') return []
  return [invalid(child(path, 'x-kubernetes-map-type'), listType ?? null, why)]
}

function validateMapKeys(schema: WrittenSchema, path: string): StatusCause[] {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const keysPath = child(path, 'x-kubernetes-list-map-keys')
  const itemsPath = child(path, 'items')
  const items = itemsOf(schema)
  const faults: StatusCause[] = []
  if (keys.length === 0) faults.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'))
  if (schema.items === undefined) {
    faults.push(required(itemsPath, 'must have a schema if x-kubernetes-list-type is map'))
  } else if (!items) {
    faults.push(invalid(itemsPath, schema.items, 'must only have a single schema if x-kubernetes-list-type is map'))
  } else if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map"
    faults.push(invalid(child(itemsPath, 'type'), items.type ?? '', why))
  } else {
    const again = repeats(keys, name => name)
    keys.forEach((name, i) => {
      const property = items.properties && Object.hasOwn(items.properties, name) ? items.properties[name] : undefined
      if (!property) faults.push(invalid(keysPath, keys, 'entries must all be names of item properties'))
      else if (property.type === 'array' || property.type === 'object') {
        const why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
        faults.push(invalid(child(key(child(itemsPath, 'properties'), name), 'type'), items.type, why))
      }
      if (again[i]) faults.push(invalid(keysPath, keys, 'must not contain duplicate entries'))
    })
  }
  return faults
}

/** Every item must have all its keys, and be there (validateMapListKeysMapSet). */
function validateNullability(schema: WrittenSchema, items: Schema, path: string): StatusCause[] {
  const listType = schema['x-kubernetes-list-type'] ?? ''
  const faults: StatusCause[] = []
  const itemsPath = child(path, 'items')
  if (items.nullable) {
    const why = `cannot be nullable when x-kubernetes-list-type is ${listType}`
    faults.push(forbidden(child(itemsPath, 'nullable'), why))
  }
  if (listType !== 'map') return faults
  for (const name of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = items.properties && Object.hasOwn(items.properties, name) ? items.properties[name] : undefined
    if (!property) continue
    const at = key(child(itemsPath, 'properties'), name)
    const its = 'this property is in x-kubernetes-list-map-keys, so it'
    if (!items.required?.includes(name) && !hasDefault(property)) {
      faults.push(required(child(at, 'default'), `${its} must have a default or be a required property`))
    }
    if (property.nullable) faults.push(forbidden(child(at, 'nullable'), `${its} cannot be nullable`))
  }
  return faults
}
