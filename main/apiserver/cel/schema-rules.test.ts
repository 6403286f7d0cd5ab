import { describe, expect, test } from 'vitest'
import type { Schema, ValidationRule } from '../../../shared/machinery/schema.ts'
import { schemaRules } from './schema-rules.ts'

const integer: Schema = { type: 'integer' }
const text: Schema = { type: 'string' }

/** A resource whose spec has these rules and properties. */
function withSpec(rules: ValidationRule[], properties: Record<string, Schema>): Schema {
  return { type: 'object', properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } } }
}

const faults = (schema: Schema) =>
  schemaRules.check(schema, 'openAPIV3Schema').map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`)

const refusals = (schema: Schema, value: unknown, old?: unknown) =>
  schemaRules
    .compile(schema)?.({ value, old, path: '' })
    .map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`)

describe('checking', () => {
  test('a field that is not declared', () => {
    const [fault] = faults(withSpec([{ rule: 'self.z == 100' }], { x: integer }))
    expect(fault).toContain(
      'openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.z == 100"',
    )
    expect(fault).toContain("compilation failed: ERROR: <input>:1:5: undefined field 'z'\n | self.z == 100\n | ....^")
  })

  test.each([
    ['self = 42', 'Syntax error'],
    ['self.x', 'cel expression must evaluate to a bool'],
    ['self.x > "a"', "found no matching overload for '_>_' applied to '(int, string)'"],
  ])('%s', (rule, why) => {
    expect(faults(withSpec([{ rule }], { x: integer }))).toEqual([expect.stringContaining(why)])
  })

  test('a rule that could cost too much', () => {
    const rules = [{ rule: "self.all(s, s == 'string constant')" }]
    const inner: Schema = { type: 'array', items: text, 'x-kubernetes-validations': rules }
    const schema = withSpec([], { x: { type: 'array', items: inner } })
    const [fault, ...total] = faults(schema)
    expect(fault).toContain(
      'openAPIV3Schema.properties[spec].properties[x].items.x-kubernetes-validations[0].rule: Forbidden: ',
    )
    expect(fault).toContain('estimated rule cost exceeds budget by factor of more than 100x')
    expect(total.at(-1)).toContain('estimated rule cost total for entire OpenAPIv3 schema exceeds budget')
  })

  test('bounds that the schema sets make it cheap enough', () => {
    const large: Schema = { type: 'array', maxItems: 725, items: integer }
    expect(faults(withSpec([{ rule: 'self.l.all(x, self.l.all(y, y == x))' }], { l: large }))).toEqual([])
  })

  test('oldSelf where elements can not be told apart', () => {
    const items: Schema = { ...integer, 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] }
    const list: Schema = { type: 'array', maxItems: 10, items }
    expect(faults(withSpec([], { list }))).toEqual([
      expect.stringContaining(
        'oldSelf cannot be used on the uncorrelatable portion of the schema within openAPIV3Schema.properties[spec].properties[list]',
      ),
    ])
  })

  test('the metadata of a resource, escaped names and embedded resources are known', () => {
    const schema = withSpec(
      [{ rule: 'self.a__dash__b == 1 && self.__namespace__ == "x" && self.e.metadata.name != ""' }],
      { 'a-b': integer, namespace: text, e: { type: 'object', 'x-kubernetes-embedded-resource': true } },
    )
    schema['x-kubernetes-validations'] = [{ rule: 'self.metadata.name.startsWith("a") && self.kind == "A"' }]
    expect(faults(schema)).toEqual([])
  })
})

describe('evaluating', () => {
  test('a rule that does not hold', () => {
    const schema = withSpec([{ rule: 'self.x + self.y > 0' }], { x: integer, y: integer })
    expect(refusals(schema, { spec: { x: 1, y: 0 } })).toEqual([])
    expect(refusals(schema, { spec: { x: 0, y: 0 } })).toEqual([
      'spec: Invalid value: failed rule: self.x + self.y > 0',
    ])
    expect(refusals(schema, { spec: { x: 0 } })).toEqual([
      'spec: Invalid value: "object": no such key: y evaluating rule: self.x + self.y > 0',
    ])
  })

  test('message, messageExpression, reason and fieldPath', () => {
    const schema = withSpec(
      [
        { rule: 'self.x > 0', message: 'x first', reason: 'FieldValueForbidden', fieldPath: '.x' },
        { rule: 'self.x > 1', messageExpression: '"x is " + string(self.x)', reason: 'FieldValueRequired' },
        { rule: 'self.x > 2', messageExpression: '""', message: 'fallback' },
      ],
      { x: integer },
    )
    expect(refusals(schema, { spec: { x: 0 } })).toEqual([
      'spec.x: Forbidden: x first',
      'spec: Required value: x is 0',
      'spec: Invalid value: fallback',
    ])
  })

  test('transition rules hold for changes', () => {
    const num: Schema = { ...integer, 'x-kubernetes-validations': [{ rule: 'self > oldSelf' }] }
    const schema = withSpec([], { num })
    expect(refusals(schema, { spec: { num: 1 } })).toEqual([])
    expect(refusals(schema, { spec: { num: 1 } }, { spec: { num: 2 } })).toEqual([
      'spec.num: Invalid value: 1: failed rule: self > oldSelf',
    ])
  })

  test('an optional old value lets a transition rule speak of creations', () => {
    const rules = [{ rule: 'self > 0 || oldSelf.hasValue()', optionalOldSelf: true }]
    const schema = withSpec([], { num: { ...integer, 'x-kubernetes-validations': rules } })
    expect(refusals(schema, { spec: { num: 0 } })).toHaveLength(1)
    expect(refusals(schema, { spec: { num: 0 } }, { spec: { num: 5 } })).toEqual([])
  })

  test('elements of a list with keys are held against their old ones', () => {
    const item: Schema = {
      type: 'object',
      properties: { k: text, v: integer },
      'x-kubernetes-validations': [{ rule: 'self.v >= oldSelf.v' }],
    }
    const list: Schema = {
      type: 'array',
      items: item,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
    }
    const schema = withSpec([], { list })
    const old = {
      spec: {
        list: [
          { k: 'a', v: 1 },
          { k: 'b', v: 5 },
        ],
      },
    }
    const value = {
      spec: {
        list: [
          { k: 'b', v: 4 },
          { k: 'c', v: 0 },
          { k: 'a', v: 1 },
        ],
      },
    }
    expect(refusals(schema, value, old)).toEqual(['spec.list[0]: Invalid value: failed rule: self.v >= oldSelf.v'])
  })

  test('what an update leaves as it was is not held against it', () => {
    const schema = withSpec([{ rule: 'self.x > 5' }], { x: integer })
    const old = { spec: { x: 1 }, status: { a: 1 } }
    expect(refusals(schema, { ...old, status: { a: 2 } }, old)).toEqual([])
    expect(refusals(schema, { spec: { x: 2 } }, old)).toHaveLength(1)
  })

  test('a rule that costs too much is cut off', () => {
    const large: Schema = { type: 'array', items: integer }
    const schema = withSpec([{ rule: 'self.l.all(x, self.l.all(y, y == x))' }], { l: large })
    const [refusal] = refusals(schema, { spec: { l: Array.from({ length: 725 }, () => 20) } }) ?? []
    expect(refusal).toContain('call cost exceeds limit')
  })

  test('sets are equal in any order, and formats have their types', () => {
    const set: Schema = { type: 'array', items: integer, 'x-kubernetes-list-type': 'set' }
    const rule =
      'self.a == self.b && (self.a + self.b).size() == 2 && self.d == duration("90s") && self.t.getFullYear() == 2020 && type(self.p) == string'
    const schema = withSpec([{ rule }], {
      a: set,
      b: set,
      d: { ...text, format: 'duration' },
      t: { ...text, format: 'date-time' },
      p: { 'x-kubernetes-int-or-string': true },
    })
    const spec = { a: [1, 2], b: [2, 1], d: '1m30s', t: '2020-01-01T00:00:00Z', p: '50%' }
    expect(refusals(schema, { spec })).toEqual([])
  })

  test('a schema without rules has nothing to evaluate', () => {
    expect(schemaRules.compile(withSpec([], {}))).toBeUndefined()
  })
})
