import { expect, it } from 'vitest'
import { defaultConfiguration } from '../configuration/kubelet-configuration.ts'
import { createEvaluation } from './evaluate.ts'
import { parseThresholds } from './parse-thresholds.ts'
import type { Observation, Signal } from './signals.ts'

const minute = 60_000

/** Of a node with a capacity of 1000 of everything: what is due, and the conditions, with so much available. */
function node(settings: Partial<typeof defaultConfiguration>) {
  const thresholds = parseThresholds({ ...defaultConfiguration, evictionHard: {}, ...settings })
  const evaluation = createEvaluation({ thresholds, transitionPeriod: 5 * minute })
  const of = (available: Partial<Record<Signal, number>>) =>
    new Map(
      Object.entries(available).map(([signal, left]): [Signal, Observation] => [
        signal as Signal,
        { capacity: 1000, available: left },
      ]),
    )
  return {
    at(now: number, available: Partial<Record<Signal, number>>) {
      const { due, conditions } = evaluation.evaluate(of(available), now)
      return { due: due.map(({ signal }) => signal), conditions: [...conditions] }
    },
  }
}

it('a hard threshold is a quantity or a part of the capacity, and met below it', () => {
  const part = node({ evictionHard: { 'nodefs.available': '10%' } })
  expect(part.at(0, { 'nodefs.available': 100 })).toEqual({ due: [], conditions: [] })
  expect(part.at(1, { 'nodefs.available': 99 })).toEqual({ due: ['nodefs.available'], conditions: ['DiskPressure'] })
  const amount = node({ evictionHard: { 'nodefs.available': '1Ki' } })
  expect(amount.at(0, { 'nodefs.available': 1000 }).due).toEqual(['nodefs.available'])
  expect(amount.at(1, {}).due).toEqual([])
})

it('a soft threshold makes a condition at once, and is due when it was met all the while', () => {
  const soft = node({
    evictionSoft: { 'memory.available': '500' },
    evictionSoftGracePeriod: { 'memory.available': '1m' },
  })
  const short = { 'memory.available': 499 } as const
  expect(soft.at(0, short)).toEqual({ due: [], conditions: ['MemoryPressure'] })
  expect(soft.at(50_000, { 'memory.available': 500 }).due).toEqual([])
  expect(soft.at(minute, short).due).toEqual([])
  expect(soft.at(2 * minute, short).due).toEqual(['memory.available'])
})

it('a threshold stays met until its minimum is reclaimed', () => {
  const reclaiming = node({
    evictionHard: { 'nodefs.available': '100' },
    evictionMinimumReclaim: { 'nodefs.available': '20%' },
  })
  expect(reclaiming.at(0, { 'nodefs.available': 150 }).due).toEqual([])
  expect(reclaiming.at(1, { 'nodefs.available': 99 }).due).toEqual(['nodefs.available'])
  expect(reclaiming.at(2, { 'nodefs.available': 299 }).due).toEqual(['nodefs.available'])
  expect(reclaiming.at(3, { 'nodefs.available': 300 }).due).toEqual([])
  expect(reclaiming.at(4, { 'nodefs.available': 150 }).due).toEqual([])
})

it('a condition stays for its transition period', () => {
  const flapping = node({ evictionHard: { 'pid.available': '10' } })
  expect(flapping.at(0, { 'pid.available': 5 }).conditions).toEqual(['PIDPressure'])
  expect(flapping.at(5 * minute - 1, { 'pid.available': 50 }).conditions).toEqual(['PIDPressure'])
  expect(flapping.at(5 * minute, { 'pid.available': 50 }).conditions).toEqual([])
})

it('memory is seen to first, that of all pods as that of the node', () => {
  const all = node({ evictionHard: { 'pid.available': '10', 'imagefs.available': '10', 'memory.available': '10' } })
  const short = {
    'pid.available': 1,
    'imagefs.available': 1,
    'memory.available': 20,
    'allocatableMemory.available': 1,
  } as const
  expect(all.at(0, short).due).toEqual(['allocatableMemory.available', 'imagefs.available', 'pid.available'])
})

it('thresholds of containerfs are those of nodefs, and 0% and 100% are none', () => {
  const { evictionHard, ...rest } = defaultConfiguration
  const of = (more: Record<string, string>) =>
    parseThresholds({ ...rest, evictionHard: { ...evictionHard, ...more } }).map(({ signal }) => signal)
  expect(of({ 'containerfs.available': '50%', 'imagefs.available': '0%', 'nodefs.available': '100%' })).toEqual([
    'memory.available',
    'allocatableMemory.available',
    'nodefs.inodesFree',
    'imagefs.inodesFree',
  ])
})
