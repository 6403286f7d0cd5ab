import { expect, it } from 'vitest'
import type { Pod, PodSpec } from '../../../shared/api/core.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { podsToPreempt } from './preempt.ts'

const critical = aPod({ priority: 2_000_000_000 })
const victim = (name: string, spec: Partial<PodSpec>): Pod => ({ ...aPod(spec), metadata: { name, uid: name } })
const burstable = (name: string, requests: Record<string, string>, spec: Partial<PodSpec> = {}) =>
  victim(name, { containers: [{ name: 'app', image: 'i', resources: { requests } }], ...spec })
const guaranteed = (name: string, limits: Record<string, string>) =>
  victim(name, { containers: [{ name: 'app', image: 'i', resources: { limits, requests: limits } }] })
const bestEffort = (name: string) => victim(name, {})

const missing = (resource: string, amount: number) => ({ resource, requested: amount + 100, used: 400, capacity: 500 })
const chosen = (others: Pod[], ...shortages: ReturnType<typeof missing>[]) =>
  podsToPreempt(critical, others, shortages).map(({ metadata }) => metadata.name)

it('takes as few pods as possible, and of those that do the ones that ask for less', () => {
  const others = [
    burstable('small', { cpu: '100m' }),
    burstable('large', { cpu: '1', memory: '2Gi' }),
    burstable('lean', { cpu: '500m', memory: '1Gi' }),
  ]
  expect(chosen(others, missing('cpu', 300))).toEqual(['lean'])
  expect(chosen(others, missing('cpu', 1100))).toEqual(['large', 'small'])
  expect(chosen(others, missing('cpu', 300), missing('memory', 2 ** 31))).toEqual(['large'])
})

it('spares guaranteed pods, then burstable ones', () => {
  const others = [
    guaranteed('sure', { cpu: '1', memory: '1Gi' }),
    burstable('b', { cpu: '200m' }),
    bestEffort('e1'),
    bestEffort('e2'),
  ]
  expect(chosen(others, missing('pods', 1))).toEqual(['e2'])
  expect(chosen(others, missing('cpu', 200))).toEqual(['b'])
  expect(chosen(others, missing('cpu', 300))).toEqual(['sure'])
})

it('leaves critical pods alone unless their priority is lower', () => {
  const rank = (priority: number) => burstable(`p${priority}`, { cpu: '1' }, { priority })
  const why = 'no set of running pods found to reclaim resources: [(res: cpu, q: 300), ]'
  expect(() => chosen([rank(2_000_001_000), rank(2_000_000_000)], missing('cpu', 300))).toThrow(why)
  expect(chosen([rank(2_000_001_000), rank(1000)], missing('cpu', 300))).toEqual(['p1000'])
})
