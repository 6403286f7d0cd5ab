import { expect, test } from 'vitest'
import type { EndpointSlice } from '../../../shared/api/discovery.ts'
import { fillSlices, type Endpoint } from './fill-slices.ts'

const endpoint = (n: number, ready = true): Endpoint => ({
  addresses: [`10.0.0.${n}`],
  conditions: { ready },
  targetRef: { uid: `pod-${n}` },
})
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => endpoint(from + i))
const slice = (name: string, endpoints: Endpoint[]): EndpointSlice => ({
  metadata: { name, uid: name },
  addressType: 'IPv4',
  endpoints,
})

function fill(slices: EndpointSlice[], wanted: Endpoint[]) {
  const { existing, added } = fillSlices(slices, wanted)
  return {
    existing: Object.fromEntries([...existing].map(([each, endpoints]) => [each.metadata.name, endpoints.length])),
    added: added.map(endpoints => endpoints.length),
    all: [...existing.values(), ...added].flat(),
  }
}

test('new slices take 100 endpoints each', () => {
  expect(fill([], range(0, 250))).toMatchObject({ existing: {}, added: [100, 100, 50] })
})

test('endpoints stay where they are; a changed one is renewed in place', () => {
  const slices = [slice('a', range(0, 10)), slice('b', range(10, 20))]
  const wanted = range(0, 20).map((each, i) => (i === 3 ? endpoint(3, false) : each))
  const { existing, all } = fill(slices, wanted)
  expect(existing).toEqual({ a: 10, b: 10 })
  expect(all).toEqual(wanted)
})

test('room in a slice that changes anyway is used first, then the fullest that takes all', () => {
  const slices = [slice('a', range(0, 90)), slice('b', range(90, 150)), slice('c', range(150, 170))]
  const gone = range(0, 170).filter((_, i) => i !== 155)
  expect(fill(slices, [...gone, ...range(200, 210)]).existing).toEqual({ a: 90, b: 60, c: 29 })
  expect(fill(slices, [...range(0, 170), ...range(200, 210)]).existing).toEqual({ a: 100, b: 60, c: 20 })
})

test('nothing wanted empties every slice', () => {
  expect(fill([slice('a', range(0, 3))], [])).toMatchObject({ existing: { a: 0 }, added: [] })
})
