import { describe, expect, test } from 'vitest'
import { applyDefaults, normalise, pruneUnknown } from './schema-walk.ts'
import { firstTypeFault } from './schema-validate.ts'
import type { Schema } from './schema.ts'

const port: Schema = {
  type: 'object',
  title: 'v1.ContainerPort',
  properties: { containerPort: { type: 'integer', format: 'int32' } },
}
const schema: Schema = {
  type: 'object',
  title: 'v1.Pod',
  properties: {
    metadata: {
      type: 'object',
      title: 'v1.ObjectMeta',
      properties: {
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        creationTimestamp: { type: 'string', format: 'date-time' },
      },
    },
    spec: {
      type: 'object',
      title: 'v1.PodSpec',
      properties: {
        replicas: { type: 'integer', format: 'int64', default: 1 },
        ports: { type: 'array', items: port },
        cpu: { type: 'string', format: 'quantity' },
        target: { 'x-kubernetes-int-or-string': true },
        data: { type: 'string', format: 'byte' },
        stdin: { type: 'boolean' },
        ratio: { type: 'number' },
        free: { 'x-kubernetes-preserve-unknown-fields': true },
        mode: { type: 'string', default: 'A', nullable: true },
      },
    },
  },
}

describe('types', () => {
  // Expected values are what Go's decoder says of the same on a Pod.
  test.each([
    [
      { metadata: { labels: { a: 1 } } },
      'cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [{ metadata: [] }, 'cannot unmarshal array into Go struct field Pod.metadata of type v1.ObjectMeta'],
    [
      { spec: { ports: {} } },
      'cannot unmarshal object into Go struct field PodSpec.spec.ports of type []v1.ContainerPort',
    ],
    [
      { spec: { ports: [{}, { containerPort: '80' }] } },
      'cannot unmarshal string into Go struct field ContainerPort.spec.ports.containerPort of type int32',
    ],
    [
      { spec: { ports: [{ containerPort: 1.5 }] } },
      'cannot unmarshal number 1.5 into Go struct field ContainerPort.spec.ports.containerPort of type int32',
    ],
    [
      { spec: { ports: [{ containerPort: 3e9 }] } },
      'cannot unmarshal number 3000000000 into Go struct field ContainerPort.spec.ports.containerPort of type int32',
    ],
    [{ spec: { stdin: 'yes' } }, 'cannot unmarshal string into Go struct field PodSpec.spec.stdin of type bool'],
    [{ spec: { target: true } }, 'cannot unmarshal bool into Go struct field PodSpec.spec.target of type int32'],
    [[], 'cannot unmarshal array into Go value of type v1.Pod'],
  ])('%j', (value, message) => {
    expect(firstTypeFault(schema, value)).toBe(`json: ${message}`)
  })

  test.each([
    [
      { spec: { cpu: 'x' } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      { metadata: { creationTimestamp: 'x' } },
      'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    ],
    [
      { metadata: { creationTimestamp: '9999-12-31T23:59:59-01:00' } },
      'parsing time "9999-12-31T23:59:59-01:00" as "2006-01-02T15:04:05Z07:00": cannot parse "9999-12-31T23:59:59-01:00" as "2006"',
    ],
    [{ spec: { data: 'a' } }, 'illegal base64 data at input byte 0'],
    [{ spec: { data: 'YWJj*' } }, 'illegal base64 data at input byte 4'],
    [{ spec: { data: 'YWJjZA' } }, 'illegal base64 data at input byte 4'],
  ])('%j: %s', (value, message) => {
    expect(firstTypeFault(schema, value)).toBe(message)
  })

  test('null and what the schema does not know fit', () => {
    const value = { metadata: null, spec: { ports: null, cpu: 0.5, target: 'http', free: [1], other: 1, data: 'YQ==' } }
    expect(firstTypeFault(schema, value)).toBeUndefined()
  })
})

describe('pruning', () => {
  test('names unknown fields and removes them', () => {
    const value = {
      foo: 1,
      metadata: { labels: { any: 'x' } },
      spec: { ports: [{ containerPort: 1 }, { x: 1 }], free: { y: 1 } },
    }
    expect(pruneUnknown(schema, value)).toEqual(['foo', 'spec.ports[1].x'])
    expect(value).toEqual({
      metadata: { labels: { any: 'x' } },
      spec: { ports: [{ containerPort: 1 }, {}], free: { y: 1 } },
    })
  })

  test('does not take a name of Object.prototype for a known field', () => {
    const value = JSON.parse('{"constructor":1,"__proto__":{"a":1}}') as Record<string, unknown>
    expect(pruneUnknown(schema, value)).toEqual(['constructor', '__proto__'])
    expect(Object.keys(value)).toEqual([])
  })
})

describe('defaulting', () => {
  test('fills in what is absent, and null where null is not allowed', () => {
    const value = { spec: { replicas: null, mode: null } }
    applyDefaults(schema, value)
    expect(value).toEqual({ spec: { replicas: 1, mode: null } })
  })

  test('leaves what is there and what has no parent', () => {
    const value = { spec: { replicas: 0 } }
    applyDefaults(schema, value)
    expect(value).toEqual({ spec: { replicas: 0, mode: 'A' } })
    const empty = {}
    applyDefaults(schema, empty)
    expect(empty).toEqual({})
  })
})

test('normalising gives the form in which Go encodes what it decoded', () => {
  const value = {
    metadata: { labels: null, creationTimestamp: '2026-01-01T02:00:00.5+02:00' },
    spec: { cpu: 0.5, ports: [null, { containerPort: null }], free: null },
  }
  normalise(schema, value)
  expect(value).toEqual({
    metadata: { creationTimestamp: '2026-01-01T00:00:00.5Z' },
    spec: { cpu: '500m', ports: [{}, {}], free: null },
  })
})

test('a null in a list or a map is the zero value', () => {
  const items: Schema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
  const lists: Schema = {
    properties: {
      structs: { type: 'array', items },
      numbers: { type: 'array', items: { type: 'integer' } },
      texts: { type: 'object', additionalProperties: { type: 'string' } },
      amounts: { type: 'object', additionalProperties: { type: 'string', format: 'quantity' } },
      free: { type: 'array', items: { 'x-kubernetes-preserve-unknown-fields': true } },
    },
  }
  const value = { structs: [null], numbers: [null, 1], texts: { a: null }, amounts: { cpu: null }, free: [null] }
  normalise(lists, value)
  expect(value).toEqual({
    structs: [{ name: '' }],
    numbers: [0, 1],
    texts: { a: '' },
    amounts: { cpu: '0' },
    free: [null],
  })
})
