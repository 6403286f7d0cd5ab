import { expect, test } from 'vitest'
import type { Node, Pod } from '../../../shared/api/core.ts'
import { nodeChange, type Change } from '../change.ts'
import { podInfoOf } from '../pod-info.ts'
import type { DeviceClass, ResourceClaim } from '../../../shared/api/resource.ts'
import { createTestCluster, fitting, place, scoresOf, testNode, testPod } from '../testing/test-cluster.ts'
import { plugins } from './plugins.ts'

const gigabyte = 2 ** 30

test('a pod that names its nodes, as those of a DaemonSet, is compared with these alone', () => {
  const named = (...values: string[]): Pod => {
    const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values }] }
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } }
    return testPod('p', { requests: { cpu: '3' }, spec: { affinity: { nodeAffinity: required } } })
  }
  const nodes = [testNode('a'), testNode('b'), testNode('big', { allocatable: { cpu: '4' } })]
  expect(fitting(named('big', 'a'), createTestCluster(nodes))).toEqual(['big'])
  expect(place(named('a'), createTestCluster(nodes)).message).toBe(
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. " +
      'no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  )
})

test('a pod that restarts all of its containers needs a node that declares that it can', () => {
  const action = 'RestartAllContainers'
  const exitCodes = { operator: 'In', values: [1] }
  const pod = testPod('p', {
    spec: { containers: [{ name: 'c', restartPolicy: 'Never', restartPolicyRules: [{ action, exitCodes }] }] },
  })
  const old = testNode('old')
  const declaredFeatures = ['RestartAllContainersOnContainerExits']
  const able: Node = { ...testNode('able'), status: { ...old.status, declaredFeatures } }
  expect(fitting(pod, createTestCluster([old, able]))).toEqual(['able'])
  expect(place(pod, createTestCluster([old])).message).toBe(
    "0/1 nodes are available: 1 node(s) didn't match Pod's required features. " +
      'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  )
  expect(fitting(testPod('q'), createTestCluster([old]))).toEqual(['old'])
  const upgraded: Node = { ...old, status: { ...old.status, declaredFeatures } }
  expect(helping(pod, nodeChange(upgraded, old))).toEqual(['NodeDeclaredFeatures'])
})

test('what would have helped: the requirement of a node selector, the host port', () => {
  const fixOf = (pod: Pod, placed: [Pod, string][] = []) =>
    place(pod, createTestCluster([testNode('n')], placed)).verdicts[0]?.rejections[0]?.reasons[0]?.fix
  expect(fixOf(testPod('p', { spec: { nodeSelector: { disk: 'ssd' } } }))).toEqual({
    change: 'nodeLabels',
    requirements: [{ key: 'disk', operator: 'In', values: ['ssd'] }],
  })
  const web = (name: string): Pod =>
    testPod(name, { spec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 80 }] }] } })
  expect(fixOf(web('p'), [[web('q'), 'n']])).toEqual({ change: 'hostPorts', ports: ['0.0.0.0:80/TCP'] })
})

test('claims for devices that are not there, in use, or elsewhere keep a pod waiting, in upstream’s words', () => {
  const asking = testPod('p', { spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] } })
  const devices = { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] }
  const claim = (status: ResourceClaim['status'] = {}): ResourceClaim => ({
    metadata: { name: 'gpu', namespace: 'default', uid: 'c' },
    spec: { devices },
    status,
  })
  const message = (resourceClaims: ResourceClaim[], deviceClasses: DeviceClass[] = [], pod = asking) =>
    place(pod, createTestCluster([testNode('n')], [], { resourceClaims, deviceClasses })).message.split('. ')[0]
  const available = '0/1 nodes are available:'
  expect(message([])).toBe(`${available} could not find ResourceClaim "default/gpu"`)
  expect(message([claim()])).toBe(`${available} request r: device class gpu does not exist`)
  const gpu = { metadata: { name: 'gpu', uid: 'gpu' }, spec: {} }
  expect(message([claim()], [gpu])).toBe(`${available} 1 cannot allocate all claims`)
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['other'] }]
  const allocation = { nodeSelector: { nodeSelectorTerms: [{ matchFields }] } }
  expect(message([claim({ allocation })])).toBe(`${available} 1 resourceclaim not available on the node`)
  const reservedFor = Array.from({ length: 256 }, (_, i) => ({ resource: 'pods', name: `p${i}`, uid: `${i}` }))
  expect(message([claim({ allocation: {}, reservedFor })])).toBe(`${available} resourceclaim in use`)
  expect(message([claim({ allocation: {} })])).toBe('')
  const templated = testPod('p', { spec: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] } })
  expect(message([], [], templated)).toBe(`${available} pod "default/p": ResourceClaim not created yet`)
})

test('scores: room, balance and images, each as upstream counts it', () => {
  const nodes = [testNode('busy'), testNode('free', { images: { 'web:1': gigabyte } })]
  const taken: [Pod, string][] = [[testPod('q', { requests: { cpu: '1', memory: '1Gi' } }), 'busy']]
  const wanted = testPod('p', {
    requests: { cpu: '500m', memory: '1Gi' },
    spec: { containers: [{ name: 'c', image: 'web:1', resources: { requests: { cpu: '500m', memory: '1Gi' } } }] },
  })
  const cluster = createTestCluster(nodes, taken)
  // (2000 - 1500) / 2000 and (4 - 2) / 4; (2000 - 500) / 2000 and (4 - 1) / 4
  expect(scoresOf(wanted, cluster, 'NodeResourcesFit')).toEqual({ busy: 37, free: 75 })
  // |1500/2000 - 2/4| / 2 after, |1000/2000 - 1/4| / 2 before: no gain; the empty node stays balanced
  expect(scoresOf(wanted, cluster, 'NodeResourcesBalancedAllocation')).toEqual({ busy: 75, free: 75 })
  // half of 1 GiB, as one node of two has it, over 23 MB to 1000 MB
  expect(scoresOf(wanted, cluster, 'ImageLocality')).toEqual({ busy: 0, free: 50 })
  expect(scoresOf(testPod('p'), cluster, 'NodeResourcesBalancedAllocation')).toBeUndefined()
  const { comparison } = place(wanted, cluster)
  expect(comparison?.totals).toEqual([37 + 75 + 3 * 100, 75 + 75 + 3 * 100 + 50])
})

test('in a large cluster some nodes are enough, other ones each time', () => {
  const nodes = Array.from({ length: 1000 }, (_, i) =>
    testNode(`n${i}`, { labels: { 'topology.kubernetes.io/zone': `z${i % 2}` } }),
  )
  const decision = place(testPod('p'), createTestCluster(nodes))
  expect(decision.evaluated).toBe(420)
  expect(new Set(decision.comparison?.nodes).size).toBe(420)
})

const helping = (pod: Pod, change: Change | undefined) =>
  change
    ? plugins.filter(plugin => plugin.helps?.(change, podInfoOf(pod), createTestCluster([]))).map(({ name }) => name)
    : []

test('a change wakes those whom it can help', () => {
  const before = testNode('n', { spec: { unschedulable: true, taints: [{ key: 'a', effect: 'NoSchedule' }] } })
  const change = (more: Partial<Node>) => nodeChange({ ...before, ...more }, before)
  const pod = testPod('p', { requests: { cpu: '3' }, spec: { nodeSelector: { disk: 'ssd' } } })
  expect(helping(pod, change({ spec: {} }))).toEqual(['NodeUnschedulable', 'TaintToleration'])
  expect(helping(pod, change({ metadata: { ...before.metadata, labels: { disk: 'hdd' } } }))).not.toContain(
    'NodeAffinity',
  )
  expect(helping(pod, change({ metadata: { ...before.metadata, labels: { disk: 'ssd' } } }))).toContain('NodeAffinity')
  expect(helping(pod, change({ status: { allocatable: { cpu: '2500m', pods: '110' } } }))).toEqual([])
  expect(helping(pod, change({ status: { allocatable: { cpu: '4', pods: '110' } } }))).toEqual(['NodeResourcesFit'])
  expect(change({ metadata: { ...before.metadata, annotations: { beat: '1' } } })).toBeUndefined()
})

test('a pod that leaves wakes those it stood in the way of', () => {
  const port = (name: string, hostPort: number): Pod =>
    testPod(name, { spec: { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort }] }] } })
  const leaves = (before: Pod): Change => ({ of: 'pod', before })
  expect(helping(port('p', 80), leaves(port('q', 80)))).toEqual(['NodePorts', 'NodeResourcesFit'])
  expect(helping(port('p', 80), leaves(port('q', 81)))).toEqual(['NodeResourcesFit'])
  expect(helping(port('p', 80), { of: 'pod', after: port('q', 80) })).toEqual([])
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }
  const near = testPod('p', {
    spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
  })
  expect(helping(near, { of: 'pod', after: testPod('q', { labels: { app: 'web' } }) })).toEqual(['InterPodAffinity'])
  const away = testPod('p', {
    spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
  })
  expect(helping(away, leaves(testPod('q', { labels: { app: 'web' } })))).toContain('InterPodAffinity')
})
