import { expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../../shared/api/apps.ts'
import { sizeAnnotations } from './annotations.ts'
import { resize, wasResized } from './proportional.ts'
import { growCurrent, maxUnavailable, shrinkOld, surge } from './rolling.ts'

function deployment(replicas: number, maxSurge: number | string, unavailable: number | string): Deployment {
  return {
    metadata: { name: 'web', uid: 'd', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: unavailable } },
    },
  }
}

let age = 0
function replicaSet(name: string, replicas: number, available = replicas, owner?: Deployment): ReplicaSet {
  const creationTimestamp = new Date(Date.UTC(2026, 0, 1) + 1000 * age++).toISOString()
  return {
    metadata: { name, uid: name, creationTimestamp, annotations: owner ? sizeAnnotations(owner) : {} },
    spec: { replicas, selector: {} },
    status: { replicas, availableReplicas: available },
  }
}

const sizes = (steps: { replicaSet: ReplicaSet; replicas: number }[]) =>
  Object.fromEntries(steps.map(step => [step.replicaSet.metadata.name, step.replicas]))

test('percentages: surge rounds up, unavailable down, and both zero means one unavailable', () => {
  expect([surge(deployment(10, '25%', '25%')), maxUnavailable(deployment(10, '25%', '25%'))]).toEqual([3, 2])
  expect([surge(deployment(1, '25%', '25%')), maxUnavailable(deployment(1, '25%', '25%'))]).toEqual([1, 0])
  expect([surge(deployment(3, 0, '25%')), maxUnavailable(deployment(3, 0, '25%'))]).toEqual([0, 1])
  expect(maxUnavailable(deployment(2, 0, 5))).toBe(2)
})

test('the current ReplicaSet grows into the surge and shrinks to what is wanted', () => {
  const grown = (current: number, old: number, d = deployment(10, 3, 2)) =>
    growCurrent({ deployment: d, current: replicaSet('new', current), old: [replicaSet('old', old)] })?.replicas
  expect(grown(0, 10)).toBe(3)
  expect(grown(3, 10)).toBeUndefined()
  expect(grown(3, 8)).toBe(5)
  expect(grown(9, 0)).toBe(10)
  expect(grown(12, 0)).toBe(10)
})

test('old ReplicaSets shrink as far as availability allows, the unhealthy first', () => {
  const d = deployment(10, 2, 2)
  const shrunk = (current: ReplicaSet, ...old: ReplicaSet[]) => sizes(shrinkOld({ deployment: d, current, old }))
  expect(shrunk(replicaSet('new', 0), replicaSet('old', 10))).toEqual({ old: 8 })
  expect(shrunk(replicaSet('new', 4, 0), replicaSet('old', 8))).toEqual({})
  expect(shrunk(replicaSet('new', 4, 2), replicaSet('old', 8))).toEqual({ old: 6 })
  // Three of the old can't serve anyway: they go first, and nothing healthy with them.
  expect(shrunk(replicaSet('new', 2, 0), replicaSet('well', 5), replicaSet('ill', 5, 2))).toEqual({ ill: 3 })
  expect(shrunk(replicaSet('new', 10), replicaSet('old', 2))).toEqual({ old: 0 })
})

test('a whole rollout never has more pods than the surge nor fewer available than allowed', () => {
  const d = deployment(10, '25%', '25%')
  let current = replicaSet('new', 0)
  let old = replicaSet('old', 10)
  for (let round = 0; old.spec.replicas !== 0 || current.spec.replicas !== 10; round++) {
    expect(round).toBeLessThan(20)
    const grown = growCurrent({ deployment: d, current, old: [old] })?.replicas ?? current.spec.replicas!
    current = replicaSet('new', grown, current.spec.replicas) // the fresh ones are not available yet
    const left = sizes(shrinkOld({ deployment: d, current, old: [old] }))['old'] ?? old.spec.replicas!
    old = replicaSet('old', left)
    expect(grown + left).toBeLessThanOrEqual(13)
    expect(current.status!.availableReplicas! + left).toBeGreaterThanOrEqual(8)
    current = replicaSet('new', grown)
  }
})

test('a resize goes to the one ReplicaSet in use', () => {
  const before = deployment(3, 1, 1)
  const only = replicaSet('only', 3, 3, before)
  const after = deployment(7, 1, 1)
  expect(wasResized(before, { current: only, old: [] })).toBe(false)
  expect(wasResized(after, { current: only, old: [] })).toBe(true)
  expect(sizes(resize(after, { current: only, old: [replicaSet('empty', 0)] }))).toEqual({ only: 7 })
})

test('a resize in the middle of a rollout is spread in proportion', () => {
  const before = deployment(10, 3, 2)
  const old = replicaSet('old', 8, 8, before)
  const current = replicaSet('new', 5, 5, before)
  // 13 pods of 13 become 18 of 18.
  expect(sizes(resize(deployment(15, 3, 2), { current, old: [old] }))).toEqual({ old: 11, new: 7 })
  expect(sizes(resize(deployment(5, 3, 2), { current, old: [old] }))).toEqual({ old: 5, new: 3 })
  expect(sizes(resize(deployment(0, 3, 2), { current, old: [old] }))).toEqual({ old: 0, new: 0 })
})

test('once the current ReplicaSet has everything, the old ones end', () => {
  const d = deployment(5, 1, 1)
  const steps = resize(d, { current: replicaSet('new', 5, 5, d), old: [replicaSet('old', 1)] })
  expect(sizes(steps)).toEqual({ old: 0 })
})
