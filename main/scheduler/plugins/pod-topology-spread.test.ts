import { expect, test } from 'vitest'
import type { Pod, PodSpec, Service } from '../../../shared/api/core.ts'
import { createTestCluster, fitting, place, scoresOf, testNode, testPod } from '../testing/test-cluster.ts'

type Constraint = NonNullable<PodSpec['topologySpreadConstraints']>[number]

const node = (name: string, zone: string, taint?: string) =>
  testNode(name, {
    labels: { zone, node: name },
    ...(taint && { spec: { taints: [{ key: taint, effect: 'NoSchedule' }] } }),
  })
// The cluster of the documentation's examples: two zones of two nodes.
const nodes = [node('node1', 'zoneA'), node('node2', 'zoneA'), node('node3', 'zoneB'), node('node4', 'zoneB')]

const over = (topologyKey: string, more: Partial<Constraint> = {}): Constraint => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { foo: 'bar' } },
  ...more,
})
const pod = (
  name: string,
  constraints: Constraint[] = [],
  labels: Record<string, string> = { foo: 'bar' },
  spec: Partial<Pod['spec']> = {},
) =>
  testPod(name, {
    labels,
    spec: { ...spec, ...(constraints.length > 0 && { topologySpreadConstraints: constraints }) },
  })
const on = (...names: string[]) => names.map((name, i): [Pod, string] => [pod(`there-${i}`), name])
const three = on('node1', 'node2', 'node3')

test('one constraint: the incoming pod goes to zone B', () => {
  expect(fitting(pod('mypod', [over('zone')]), createTestCluster(nodes, three))).toEqual(['node3', 'node4'])
})

test('several constraints: only node4 meets both', () => {
  const both = pod('mypod', [over('zone'), over('node')])
  expect(fitting(both, createTestCluster(nodes, three))).toEqual(['node4'])
})

test('conflicting constraints: nothing fits, and why', () => {
  const some = [node('node1', 'zoneA'), node('node2', 'zoneA'), node('node3', 'zoneB')]
  const cluster = createTestCluster(some, on('node1', 'node1', 'node2', 'node3', 'node3'))
  const { message, verdicts } = place(pod('mypod', [over('zone'), over('node')]), cluster)
  expect(message).toBe(
    "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints. " +
      'no new claims to deallocate, preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
  )
  expect(verdicts[0]?.rejections[0]?.reasons[0]?.fix).toEqual({
    change: 'spread',
    topologyKey: 'zone',
    domain: 'zoneA',
    excess: 1,
  })
})

test('node affinity takes the zones out that the pod cannot go to', () => {
  const withC = [...nodes, node('node5', 'zoneC')]
  const notC = { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['zoneC'] }] }
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [notC] } } }
  const honoring = pod('mypod', [over('zone')], undefined, { affinity })
  expect(fitting(honoring, createTestCluster(withC, three))).toEqual(['node3', 'node4'])
  const ignoring = pod('mypod', [over('zone', { nodeAffinityPolicy: 'Ignore' })], undefined, { affinity })
  expect(fitting(ignoring, createTestCluster(withC, on('node1', 'node3')))).toEqual([])
})

test('tainted nodes count, unless nodeTaintsPolicy is Honor', () => {
  const tainted = [...nodes, node('node5', 'zoneC', 'dedicated')]
  const placed = on('node1', 'node3')
  expect(fitting(pod('p', [over('zone')]), createTestCluster(tainted, placed))).toEqual([])
  const honoring = pod('p', [over('zone', { nodeTaintsPolicy: 'Honor' })])
  expect(fitting(honoring, createTestCluster(tainted, placed))).toHaveLength(4)
})

test('with fewer domains than minDomains the least is zero', () => {
  const placed = on('node1', 'node3')
  const wanting = (minDomains: number) => pod('p', [over('zone', { minDomains })])
  expect(fitting(wanting(2), createTestCluster(nodes, placed))).toHaveLength(4)
  expect(fitting(wanting(3), createTestCluster(nodes, placed))).toEqual([])
})

test('a node without the label is no place, and says which label', () => {
  const { verdicts, message } = place(pod('p', [over('rack')]), createTestCluster([testNode('n')]))
  expect(message).toContain("1 node(s) didn't match pod topology spread constraints (missing required label).")
  expect(verdicts[0]?.rejections[0]?.reasons[0]?.fix).toEqual({ change: 'topologyLabel', topologyKey: 'rack' })
})

test('matchLabelKeys counts the pods of the same revision; pods on their way out do not count', () => {
  const labels = { foo: 'bar', 'pod-template-hash': '2' }
  const constraint = over('zone', { matchLabelKeys: ['pod-template-hash'] })
  expect(fitting(pod('p', [constraint], labels), createTestCluster(nodes, three))).toHaveLength(4)
  const leaving = on('node1')
  leaving[0]![0].metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  expect(fitting(pod('p', [over('zone')]), createTestCluster(nodes, leaving))).toHaveLength(4)
})

test('ScheduleAnyway prefers the emptier zone; pods of a Service are spread over nodes by themselves', () => {
  const soft = pod('p', [over('zone', { whenUnsatisfiable: 'ScheduleAnyway' })])
  const scores = scoresOf(soft, createTestCluster(nodes, on('node1', 'node2')), 'PodTopologySpread')
  expect(scores).toEqual({ node1: 0, node2: 0, node3: 100, node4: 100 })

  const service: Service = {
    metadata: { name: 's', namespace: 'default', uid: 's' },
    spec: { selector: { foo: 'bar' } },
  }
  const cluster = createTestCluster(nodes, on('node1'), { services: [service] })
  const spread = scoresOf(pod('p'), cluster, 'PodTopologySpread')
  expect(spread?.['node2']).toBeGreaterThan(spread?.['node1'] ?? 100)
  expect(scoresOf(pod('p'), createTestCluster(nodes, on('node1')), 'PodTopologySpread')).toBeUndefined()
})
