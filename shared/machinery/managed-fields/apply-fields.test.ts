import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Schema } from '../schema.ts'
import { finishApplication, mergeApplication } from './apply-fields.ts'
import { fieldFaults } from './check-fields.ts'
import { compareFields } from './compare-fields.ts'
import { difference, isEmpty, noFields, printFields } from './field-set.ts'
import { appliedFields, createdFields, writtenFields } from './fields-of.ts'
import type { Manager, Owners } from './managers.ts'
import { mergeFields } from './merge-fields.ts'
import { updateOwners } from './update-owners.ts'

const text: Schema = { type: 'string' }
const schema: Schema = {
  type: 'object',
  properties: {
    text,
    number: { type: 'integer' },
    struct: { type: 'object', properties: { a: text, b: text } },
    labels: { type: 'object', additionalProperties: text },
    whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text, b: text } },
    list: { type: 'array', items: text },
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        properties: { port: { type: 'integer' }, protocol: { ...text, default: 'TCP' }, name: text },
      },
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
}
const type = { schema, apiVersion: 'v1', writable: <T>(fields: T) => fields }
const now = '2024-01-01T00:00:00Z'
const inVersion = () => undefined
const applier = (manager: string): Manager => ({ manager, operation: 'Apply', apiVersion: 'v1', subresource: '' })
const writer = (manager: string): Manager => ({ manager, operation: 'Update', apiVersion: 'v1', subresource: '' })

interface State {
  object: unknown
  owners: Owners
}
const nothing: State = { object: {}, owners: [] }

function apply({ object, owners }: State, manager: string, applied: unknown, force = false) {
  const application = { type, live: object, applied, owners, by: applier(manager) }
  return finishApplication(application, mergeApplication(application), { force, now, inVersion })
}
function write({ object, owners }: State, manager: string, next: unknown): State {
  return {
    object: next,
    owners: updateOwners({ type, old: object, next, inVersion }, { owners, by: writer(manager), now }),
  }
}
const fieldsOf = ({ owners }: State, manager: string) =>
  printFields(owners.find(owner => owner.manager === manager)?.fields ?? noFields)

const word = fc.constantFrom('x', 'y', 'z')
const object = fc.record(
  {
    text: word,
    number: fc.nat(2),
    struct: fc.record({ a: word, b: word }, { requiredKeys: [] }),
    labels: fc.dictionary(word, word),
    whole: fc.record({ a: word, b: word }, { requiredKeys: [] }),
    list: fc.array(word, { maxLength: 3 }),
    set: fc.uniqueArray(word),
    ports: fc.uniqueArray(
      fc.record({ port: fc.nat(2), protocol: fc.constantFrom('TCP', 'UDP'), name: word }, { requiredKeys: ['port'] }),
      { selector: ({ port, protocol = 'TCP' }) => `${port}/${protocol}` },
    ),
    free: fc.dictionary(word, fc.oneof(word, fc.array(word, { maxLength: 2 }), fc.dictionary(word, word))),
  },
  { requiredKeys: [] },
)

test('applying the same again changes nothing', () => {
  fc.assert(
    fc.property(object, object, object, (first, live, config) => {
      const start = write(apply(nothing, 'other', first), 'writer', live)
      const once = apply(start, 'me', config, true)
      const twice = apply(once, 'me', config)
      expect(twice.conflicts).toEqual([])
      expect(twice.object).toBe(once.object)
      expect(twice.owners).toEqual(once.owners)
    }),
  )
})

/** Whether there are only empty maps and lists in a value. */
const isHollow = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(isHollow)

test('what is applied is there, and goes with its last owner', () => {
  fc.assert(
    fc.property(object, object, (other, config) => {
      const applied = apply(apply(nothing, 'you', other), 'me', config, true)
      // Merging it in once more makes no difference: it is there.
      expect(mergeFields(schema, applied.object, config)).toEqual(applied.object)
      const left = apply(applied, 'me', {})
      const yours = left.owners.find(({ manager }) => manager === 'you')?.fields ?? noFields
      expect(printFields(difference(yours, appliedFields(schema, left.object)))).toEqual([])
      expect(isHollow(apply(left, 'you', {}).object)).toBe(true)
    }),
  )
})

test('no field that was changed stays with others', () => {
  fc.assert(
    fc.property(object, object, object, (first, second, third) => {
      const start = write(apply(nothing, 'a', first), 'b', second)
      const after = write(start, 'c', third)
      const { changed, removed } = compareFields(schema, second, third)
      for (const { manager, fields } of after.owners) {
        if (manager !== 'c') expect(difference(fields, changed)).toEqual(fields)
        if (manager !== 'c') expect(difference(fields, removed)).toEqual(fields)
      }
      if (isEmpty(changed) && isEmpty(removed)) expect(after.owners).toEqual(start.owners)
    }),
  )
})

test('a new object is compared with an unfilled one in one walk as in two', () => {
  const zero = { struct: { a: '' }, labels: {}, ports: null, text: '' }
  fc.assert(
    fc.property(object, value => {
      expect(createdFields(schema, zero, value)).toEqual(compareFields(schema, zero, value).changed)
      const { '.': _, ...all } = writtenFields(schema, value)
      expect(createdFields(schema, {}, value)).toEqual(all)
    }),
  )
})

test('items go where they stand among those that both lists have', () => {
  const merge = (live: string[], applied: string[]) => mergeFields(schema, { set: live }, { set: applied })
  expect(merge(['a', 'b', 'c'], ['c', 'x', 'a'])).toEqual({ set: ['b', 'c', 'x', 'a'] })
  expect(merge(['a', 'b', 'c', 'd'], ['d', 'x', 'b'])).toEqual({ set: ['a', 'c', 'd', 'x', 'b'] })
  expect(merge(['a'], ['b'])).toEqual({ set: ['a', 'b'] })
})

test('conflicts name the owner and the field, and force takes it', () => {
  const start = write(nothing, 'writer', { text: 'x', ports: [{ port: 80, name: 'a' }], list: ['x'] })
  const config = { text: 'y', ports: [{ port: 80, protocol: 'TCP', name: 'b' }], list: ['x'] }
  const refused = apply(start, 'me', config)
  expect(refused.conflicts.map(({ owner, path }) => `${owner.manager} ${path}`)).toEqual([
    'writer .text',
    'writer .ports[port=80,protocol="TCP"].name',
  ])
  expect(refused.object).toBe(start.object)
  const forced = apply(start, 'me', config, true)
  expect(forced.object).toEqual({ text: 'y', list: ['x'], ports: [{ port: 80, name: 'b', protocol: 'TCP' }] })
  expect(fieldsOf(forced, 'writer')).toEqual([
    '.list',
    '.ports',
    '.ports[port=80,protocol="TCP"]',
    '.ports[port=80,protocol="TCP"].port',
  ])
  // What both apply stays when one of them lets go.
  const shared = apply(forced, 'you', { text: 'y' })
  expect(apply(shared, 'me', {}).object).toMatchObject({ text: 'y', list: ['x'] })
  expect(apply(apply(shared, 'you', {}), 'me', { list: ['x'] }).object).not.toHaveProperty('text')
})

test('items that can not be told apart are owned as one', () => {
  const twins = {
    ports: [
      { port: 1, name: 'x' },
      { port: 1, name: 'y' },
    ],
  }
  expect(appliedFields(schema, twins)).toEqual({ 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': {} } })
  const alone = { ports: [{ port: 1, name: 'x' }] }
  expect(compareFields(schema, twins, alone)).toEqual({
    changed: { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } } },
    removed: { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': {} } },
  })
  expect(fieldFaults(schema, twins)).toBe('.ports: duplicate entries for key [port=1,protocol="TCP"]')
})

test('faults are said in the words of upstream', () => {
  const faults = (value: unknown) => fieldFaults(schema, value)
  expect(faults({ text: 'x', free: { a: [1] } })).toBe('')
  expect(faults({ more: 1 })).toBe('.more: field not declared in schema')
  expect(faults({ number: 'x' })).toBe('.number: expected numeric (int or float), got string')
  expect(faults({ text: 1, labels: { a: true, b: { c: [null] } } })).toBe(
    'errors:\n  .text: expected string, got &value.valueUnstructured{Value:1}' +
      '\n  .labels.a: expected string, got &value.valueUnstructured{Value:true}' +
      '\n  .labels.b: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"c":[]interface {}{interface {}(nil)}}}',
  )
  expect(faults({ struct: ['a'] })).toBe('.struct: expected map, got &{[a]}')
  expect(faults({ ports: [null] })).toBe('.ports: element 0: associative list with keys may not have a null element')
  expect(faults({ set: ['a', {}] })).toBe(
    ".set: element 1: associative list without keys has an element that's a map type",
  )
})
