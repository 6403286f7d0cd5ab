import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeObject } from './protobuf-encode.ts'
import type { Messages } from './protobuf-names.ts'
import { decodeObject } from './protobuf.ts'
import { StatusError } from './status.ts'

const readJson = (file: string): unknown => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'), dropNull)
/** Go writes a null for a few times that were never set. */
const dropNull = (key: string, value: unknown) => (value === null && !/^\d+$/.test(key) ? undefined : value)
const messages = readJson('../../assets/k8s/protobuf.json') as Messages
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`testdata/protobuf/${name}`, import.meta.url)))
const kinds = readdirSync(new URL('testdata/protobuf', import.meta.url)).filter(name => name.endsWith('.pb'))

describe('what k8s.io/api v0.36.0 marshals', () => {
  test.each(kinds)('%s decodes to the JSON it marshals of the same object', name => {
    const expected = readJson(`testdata/protobuf/${name.replace('.pb', '.json')}`)
    const { object } = decodeObject(fixture(name), messages)
    expect(object).toEqual(expected)
  })
})

test.each(kinds)('%s is written so that it reads the same', name => {
  const { object } = decodeObject(fixture(name), messages)
  const bytes = encodeObject(object, messages)
  expect(bytes && decodeObject(bytes, messages).object).toEqual(object)
})

test('numbers below zero, beyond 2^31 and with fractions are written so that they read the same', () => {
  const pod = { kind: 'Pod', apiVersion: 'v1', metadata: { generation: 2 ** 40 }, spec: { priority: -1 } }
  expect(decodeObject(encodeObject(pod, messages) ?? new Uint8Array(), messages).object).toMatchObject(pod)
  const micro = {
    kind: 'Lease',
    apiVersion: 'coordination.k8s.io/v1',
    spec: { renewTime: '1969-12-31T23:59:58.250001Z' },
  }
  expect(decodeObject(encodeObject(micro, messages) ?? new Uint8Array(), messages).object).toMatchObject(micro)
})

test.each(['example.com/v1', 'apps.example.com/v1', 'meta.k8s.io/v1'])('no %s Deployment has a message', apiVersion => {
  expect(encodeObject({ apiVersion, kind: 'Deployment' }, messages)).toBeUndefined()
})

test('gives the type beside the object', () => {
  expect(decodeObject(fixture('deployment.pb'), messages)).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' })
})

test.each([
  ['no prefix', new Uint8Array([1, 2, 3]), 'expected prefix [107 56 115 0]'],
  ['nothing inside', new Uint8Array([0x6b, 0x38, 0x73, 0]), 'no kind "" is registered for version "" in scheme'],
])('%s is a 400', (_, bytes, message) => {
  expect(() => decodeObject(bytes, messages)).toThrow(message)
})

/** An object of a kind of v1 whose message has these bytes. */
function enveloped(kind: string, ...message: number[]): Uint8Array {
  const type = [10, 2, 0x76, 0x31, 18, kind.length, ...new TextEncoder().encode(kind)]
  return new Uint8Array([0x6b, 0x38, 0x73, 0, 10, type.length, ...type, 18, message.length, ...message])
}
const minusOne = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]

test.each([
  // Read as a step back, it would be read for ever.
  ['a negative length', enveloped('Pod', 10, ...minusOne), 'proto: negative length found during unmarshaling'],
  ['a negative tag', enveloped('Pod', ...minusOne), 'proto: illegal tag -1'],
  [
    'a time after the year 9999',
    enveloped('Pod', 10, 10, 66, 8, 8, ...minusOne.slice(0, 6), 0x7f),
    'proto: the time has no form in RFC 3339',
  ],
  [
    'an integer beyond 2^53',
    enveloped('Pod', 18, 10, 32, 0x81, ...minusOne.slice(0, 7).map(() => 0x80), 0x40),
    "proto: the integer 4611686018427387905 is beyond 2^53 and can't be held exactly",
  ],
])('%s is a 400', (_, bytes, message) => {
  expect(() => decodeObject(bytes, messages)).toThrow(
    expect.objectContaining({ name: 'StatusError', code: 400, message }) as StatusError,
  )
})

test('whatever is on the wire, the answer is an object or a 400', () => {
  const varint = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, 2n ** 64n - 1n)).map(encodeVarint)
  const number = fc.tuple(fc.nat(127), varint).map(([tag, value]) => [tag, ...value])
  const { message } = fc.letrec<{ message: number[] }>(tie => ({
    message: fc
      .array(fc.oneof({ maxDepth: 4 }, number, fc.tuple(fc.nat(15), tie('message')).map(nested)), { maxLength: 4 })
      .map(fields => fields.flat().slice(0, 100)),
  }))
  const kind = fc.constantFrom('Pod', 'Service', 'Node', 'Event', 'Secret', 'Namespace')
  fc.assert(
    fc.property(kind, message, (kind, bytes) => {
      try {
        expect(decodeObject(enveloped(kind, ...bytes), messages).kind).toBe(kind)
      } catch (e) {
        expect(e).toMatchObject({ name: 'StatusError', code: 400 })
      }
    }),
    { numRuns: 500 },
  )
})

/** A field that holds a message. */
const nested = ([field, bytes]: [number, number[]]) => [field * 8 + 2, bytes.length, ...bytes]

function encodeVarint(value: bigint): number[] {
  const low = Number(value & 0x7fn)
  return value < 0x80n ? [low] : [low | 0x80, ...encodeVarint(value >> 7n)]
}

test('bytes that are cut off or damaged are a 400, never another error', () => {
  const whole = fixture('pod.pb')
  const damage = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length))
  fc.assert(
    fc.property(damage, ([at, byte, length]) => {
      const bytes = whole.slice()
      bytes[at] = byte
      try {
        decodeObject(bytes.subarray(0, length), messages)
      } catch (e) {
        expect(e).toBeInstanceOf(StatusError)
        expect((e as StatusError).code).toBe(400)
      }
    }),
  )
})
