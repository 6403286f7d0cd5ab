import { expect, test } from 'vitest'
import type { Pod } from '../../shared/api/core.ts'
import type { PodDisruptionBudget } from '../../shared/api/policy.ts'
import { podInfoOf } from './pod-info.ts'
import { createTestCluster, place, testNode, testPod } from './testing/test-cluster.ts'

interface Wish {
  priority?: number
  cpu?: string
  labels?: Record<string, string>
  startTime?: string
  spec?: Partial<Pod['spec']>
}

function pod(name: string, { priority = 0, cpu = '1', labels = {}, startTime, spec }: Wish = {}): Pod {
  const made = testPod(name, { requests: { cpu }, labels, spec: { priority, ...spec } })
  return { ...made, ...(startTime && { status: { startTime } }) }
}

const budget = (
  name: string,
  matchLabels: Record<string, string>,
  disruptionsAllowed: number,
): PodDisruptionBudget => ({
  metadata: { name, namespace: 'default', uid: name },
  spec: { selector: { matchLabels } },
  status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
})

const victimsOf = (...given: Parameters<typeof place>) => {
  const { preemption } = place(...given)
  return preemption && [preemption.node, preemption.victims.map(victim => victim.metadata.name)]
}

test('as few as possible leave, the least important first, and the message says nothing of preemption', () => {
  const cluster = createTestCluster(
    [testNode('n', { allocatable: { cpu: '4' } })],
    [
      [pod('low', { priority: 1 }), 'n'],
      [pod('middle', { priority: 2, cpu: '2' }), 'n'],
      [pod('high', { priority: 20 }), 'n'],
    ],
  )
  expect(victimsOf(pod('p', { priority: 10 }), cluster)).toEqual(['n', ['low']])
  expect(victimsOf(pod('p', { priority: 10, cpu: '2' }), cluster)).toEqual(['n', ['middle']])
  expect(victimsOf(pod('p', { priority: 10, cpu: '3' }), cluster)).toEqual(['n', ['middle', 'low']])
  expect(place(pod('p', { priority: 10 }), cluster).message).toBe('0/1 nodes are available: 1 Insufficient cpu.')
  // Looking has changed nothing.
  expect(cluster.infos.get('n')!.cpu.requested).toBe(4000)
})

test('says of each node why nobody has to leave', () => {
  const full: [Pod, string] = [pod('equal', { priority: 10, cpu: '2' }), 'full']
  const nodes = [
    testNode('full'),
    testNode('tainted', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } }),
    testNode('mixed'),
  ]
  const mixed: [Pod, string][] = [
    [pod('lower', { priority: 1, cpu: '100m' }), 'mixed'],
    [pod('higher', { priority: 20, cpu: '1900m' }), 'mixed'],
  ]
  const { message } = place(pod('p', { priority: 10 }), createTestCluster(nodes, [full, ...mixed]))
  expect(message).toBe(
    '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. ' +
      'no new claims to deallocate, preemption: 0/3 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, ' +
      '1 Preemption is not helpful for scheduling.',
  )
})

test('disruption budgets are kept where there is another way', () => {
  const budgets = [budget('web', { app: 'web' }, 0)]
  const on = (node: string, labels: Record<string, string>): [Pod, string] => [
    pod(`on-${node}`, { cpu: '2', labels }),
    node,
  ]
  const nodes = [testNode('a'), testNode('b')]
  const guarded = createTestCluster(nodes, [on('a', { app: 'web' }), on('b', { app: 'batch' })], { budgets })
  expect(victimsOf(pod('p', { priority: 1 }), guarded)).toEqual(['b', ['on-b']])
  const only = createTestCluster([testNode('a')], [on('a', { app: 'web' })], { budgets })
  expect(victimsOf(pod('p', { priority: 1 }), only)).toEqual(['a', ['on-a']])
  expect(place(pod('p', { priority: 1 }), only).preemption?.violations).toBe(1)
})

test('on one node, those whose budget is used up are brought back first', () => {
  const cluster = createTestCluster(
    [testNode('n')],
    [
      [pod('guarded', { priority: 1, labels: { app: 'web' } }), 'n'],
      [pod('free', { priority: 5 }), 'n'],
    ],
    { budgets: [budget('web', { app: 'web' }, 0)] },
  )
  expect(victimsOf(pod('p', { priority: 10 }), cluster)).toEqual(['n', ['free']])
})

test('of several nodes the one where least is lost', () => {
  const nodes = [testNode('a'), testNode('b')]
  const go = (...placed: [Pod, string][]) =>
    victimsOf(pod('p', { priority: 10, cpu: '2' }), createTestCluster(nodes, placed))?.[0]
  expect(go([pod('x', { priority: 5 }), 'a'], [pod('y', { priority: 4 }), 'b'])).toBe('b')
  expect(
    go([pod('x', { priority: 5 }), 'a'], [pod('x2', { priority: 1 }), 'a'], [pod('y', { priority: 5 }), 'b']),
  ).toBe('b')
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
  expect(go([pod('x', { startTime: early }), 'a'], [pod('y', { startTime: late }), 'b'])).toBe('b')
})

test('a pod in the way by anti-affinity leaves, even if it takes no room', () => {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }
  const alone = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }
  const cluster = createTestCluster([testNode('n')], [[pod('web', { cpu: '1m', labels: { app: 'web' } }), 'n']])
  expect(victimsOf(pod('p', { priority: 1, spec: alone }), cluster)).toEqual(['n', ['web']])
})

test('room that was made is kept for whom it was made, and not made twice', () => {
  const preemptor = pod('p', { priority: 10, cpu: '2' })
  const leaving = pod('low', { cpu: '2' })
  leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  leaving.status = { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] }
  const cluster = createTestCluster([testNode('n')], [[leaving, 'n']])
  cluster.infos.nominate(podInfoOf(preemptor), 'n')
  expect(place(preemptor, cluster).message).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to a terminating pod on the nominated node.',
  )
  cluster.infos.remove(leaving.metadata.uid)
  expect(place(pod('other', { priority: 5 }), cluster).node).toBeUndefined()
  expect(place(pod('important', { priority: 20 }), cluster).node).toBe('n')
  expect(place(preemptor, cluster).node).toBe('n')
})
