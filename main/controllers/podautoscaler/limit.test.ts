import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { limit } from './limit.ts'
import type { ScalingRules } from './past.ts'
import { stabilize } from './stabilize.ts'

const now = Date.UTC(2026, 0, 1)

/** Cases that upstream tests itself by (horizontal_test.go); what is past is pairs of a number and seconds before now. */
function casesOf<T>(file: string): ({ name: string } & T)[] {
  const text = readFileSync(new URL(`testdata/${file}.jsonl`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { name: string } & T)
}
type Pairs = [number, number][]

interface Rate {
  current: number
  wanted: number
  min: number
  max: number
  up?: Pairs
  down?: Pairs
  scaleUp: ScalingRules
  scaleDown: ScalingRules
  replicas: number
  reason: string
}

test.each(casesOf<Rate>('limit'))('limits by policies: $name', given => {
  const { current, wanted, min, max, scaleUp, scaleDown, replicas, reason } = given
  const changes = (pairs: Pairs = []) => pairs.map(([change, seconds]) => ({ change, at: now + seconds * 1000 }))
  const past = { up: changes(given.up), down: changes(given.down) }
  const limited = limit({ current, wanted, min, max, behavior: { scaleUp, scaleDown }, past, now })
  expect(limited).toMatchObject({ replicas, reason })
})

test.each([
  [5, 7, 3, 8, 7, 'DesiredWithinRange'],
  [3, 1, 2, 8, 2, 'TooFewReplicas'],
  [1, 0, 0, 10, 0, 'DesiredWithinRange'],
  [20, 1000, 1, 10, 10, 'TooManyReplicas'],
  [3, 1000, 1, 2000, 6, 'ScaleUpLimit'],
  [1, 1000, 1, 2000, 4, 'ScaleUpLimit'],
])('limits %i to %i within [%i, %i] to %i without behavior', (current, wanted, min, max, replicas, reason) => {
  const past = { up: [], down: [] }
  expect(limit({ current, wanted, min, max, behavior: undefined, past, now })).toMatchObject({ replicas, reason })
})

interface Window {
  current: number
  wanted: number
  recommendations: Pairs
  upWindow: number
  downWindow: number
  stable: number
}

const pastOf = (pairs: Pairs) => ({
  recommendations: pairs.map(([replicas, seconds]) => ({ replicas, at: now + seconds * 1000 })),
  up: [],
  down: [],
})

test.each(casesOf<Window>('stabilize'))('stabilizes: $name', given => {
  const { current, wanted, upWindow, downWindow, stable } = given
  const behavior = {
    scaleUp: { stabilizationWindowSeconds: upWindow },
    scaleDown: { stabilizationWindowSeconds: downWindow },
  }
  const past = pastOf(given.recommendations)
  expect(stabilize({ current, wanted, behavior, past, now }).replicas).toBe(stable)
  expect(past.recommendations.at(-1)).toEqual({ replicas: wanted, at: now })
})

test.each<[number, Pairs, number]>([
  [5, [], 5],
  [3, [[4, -120], [5, -60]], 5], // prettier-ignore
  [3, [[1, -120], [2, -60]], 3], // prettier-ignore
  [3, [[10, -600], [9, -540]], 3], // prettier-ignore
])('without behavior %i after %j becomes %i', (wanted, recommendations, stable) => {
  const past = pastOf(recommendations)
  expect(stabilize({ current: 5, wanted, behavior: undefined, past, now }).replicas).toBe(stable)
})
