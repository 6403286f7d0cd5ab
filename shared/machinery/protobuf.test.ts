import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeObject, type Messages } from './protobuf.ts'
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

test('gives the type beside the object', () => {
  expect(decodeObject(fixture('deployment.pb'), messages)).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' })
})

test.each([
  ['no prefix', new Uint8Array([1, 2, 3]), 'expected prefix [107 56 115 0]'],
  ['nothing inside', new Uint8Array([0x6b, 0x38, 0x73, 0]), 'no kind "" is registered for version "" in scheme'],
])('%s is a 400', (_, bytes, message) => {
  expect(() => decodeObject(bytes, messages)).toThrow(message)
})

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
