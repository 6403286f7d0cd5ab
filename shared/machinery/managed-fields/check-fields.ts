import { quote } from '../field-errors.ts'
import { goValue, isList, isObject } from '../json-value.ts'
import type { Schema } from '../schema.ts'
import { declaredMember, FieldTypeError, itemElement, itemSchema, listKeys } from './field-type.ts'
import { fieldElement, printElement } from './path-element.ts'

/**
 * What keeps an object from being applied as one of its type, in upstream's words (structured-merge-diff
 * typed/validate.go): types, fields the schema does not have, items that can't be told apart. '' for nothing.
 */
export function fieldFaults(schema: Schema, value: unknown): string {
  const faults: string[] = []
  check(schema, value, { path: '', free: false, faults })
  return faults.length > 1 ? `errors:\n${faults.map(fault => `  ${fault}`).join('\n')}` : (faults[0] ?? '')
}

interface Place {
  path: string
  /** Whether something above lets all fields be. */
  free: boolean
  faults: string[]
}

function check(schema: Schema, value: unknown, at: Place): void {
  if (value === null || value === undefined) return
  const fault = (text: string) => at.faults.push(at.path === '' ? text : `${at.path}: ${text}`)
  const wrong = typeFault(schema, value)
  if (wrong !== undefined) fault(wrong)
  else if (isList(value)) checkItems(schema, value, at)
  else if (isObject(value)) {
    // Said to be false of metadata, which are never free, whatever they stand in.
    const free = schema['x-kubernetes-preserve-unknown-fields'] ?? at.free
    for (const [name, member] of Object.entries(value)) {
      const path = at.path + printElement(fieldElement(name))
      const type = declaredMember(schema, name)
      if (!type && !free) {
        at.faults.push(`${path}: field not declared in schema`)
        return
      }
      check(type ?? {}, member, { ...at, path, free })
    }
  }
}

function checkItems(schema: Schema, items: unknown[], at: Place): void {
  const keys = listKeys(schema)
  const seen = new Set<string>()
  for (const [i, item] of items.entries()) {
    let element = `i:${i}`
    if (keys !== 'atomic') {
      try {
        element = itemElement(schema, keys, item)
      } catch (error) {
        if (!(error instanceof FieldTypeError)) throw error
        at.faults.push(`${at.path}: element ${i}: ${error.message}`)
        return
      }
    }
    if (seen.has(element)) at.faults.push(`${at.path}: duplicate entries for key ${printElement(element)}`)
    seen.add(element)
    check(itemSchema(schema), item, { ...at, path: at.path + printElement(element) })
  }
}

function typeFault(schema: Schema, value: unknown): string | undefined {
  if (schema['x-kubernetes-int-or-string']) return undefined
  switch (schema.type) {
    case 'string':
      if (schema.format !== undefined && schema.format !== 'byte') {
        return isList(value) || isObject(value) ? `expected any scalar, got ${goPointer(value)}` : undefined
      }
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    case 'integer':
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint'
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${goPointer(value)}`
    case 'array':
      return isList(value) ? undefined : `expected list, got ${goPointer(value)}`
    case 'object':
      return isObject(value) ? undefined : `expected map, got ${goPointer(value)}`
    case undefined:
      return undefined
  }
}

/** A pointer to a value as Go's %v prints it. */
const goPointer = (value: unknown) => `&{${goValue(value)}}`

/** As Go's %T. */
function goType(value: unknown): string {
  if (isList(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

/** As Go's %#v. */
function goSyntax(value: unknown): string {
  if (isList(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (!isObject(value))
    return typeof value === 'string' ? quote(value) : value === null ? 'interface {}(nil)' : JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map(key => `${quote(key)}:${goSyntax(value[key])}`)
  return `map[string]interface {}{${members.join(', ')}}`
}
