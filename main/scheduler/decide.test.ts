import { expect, test } from 'vitest'
import type { Node, Pod } from '../../shared/api/core.ts'
import { createTestCluster, place as placeIn, testNode, testPod } from './testing/test-cluster.ts'

type Requests = Record<string, string>

const node = (name: string, more: { spec?: Node['spec']; labels?: Record<string, string>; cpu?: string } = {}) =>
  testNode(name, { ...more, ...(more.cpu && { allocatable: { cpu: more.cpu } }) })

const pod = (name: string, requests: Requests = {}, spec: Partial<Pod['spec']> = {}) =>
  testPod(name, { requests, spec })

const place = (wanted: Pod, nodes: Node[], taken: [Pod, string][] = [], random = 0) =>
  placeIn(wanted, createTestCluster(nodes, taken), { random })

const taint = (key: string, effect = 'NoSchedule') => ({ taints: [{ key, effect }] })

test('says for every node why not, in the words of upstream', () => {
  const nodes = [
    node('full'),
    node('small', { cpu: '500m' }),
    node('tainted', { spec: taint('dedicated') }),
    node('cordoned', { spec: { unschedulable: true } }),
    node('elsewhere', { labels: { disk: 'hdd' } }),
  ]
  const { node: chosen, message } = place(pod('p', { cpu: '1500m' }), nodes.slice(0, 4), [
    [pod('q', { cpu: '1' }), 'full'],
  ])
  expect(chosen).toBeUndefined()
  expect(message).toBe(
    '0/4 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 Insufficient cpu. ' +
      'no new claims to deallocate, preemption: 0/4 nodes are available: 1 No preemption victims found for incoming pod, 3 Preemption is not helpful for scheduling.',
  )
  expect(place(pod('p', {}, { nodeSelector: { disk: 'ssd' } }), nodes.slice(4)).message).toBe(
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. " +
      'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  )
  expect(place(pod('p'), []).message).toBe('no nodes available to schedule pods')
})

test('of a pod that fits nowhere every filter is asked, though only the first speaks in the message', () => {
  const { verdicts, message, rejectedBy } = place(pod('p', { cpu: '9' }), [node('n', { spec: taint('a') })])
  expect(verdicts).toEqual([
    {
      node: 'n',
      rejections: [
        {
          plugin: 'TaintToleration',
          reasons: [
            {
              message: 'node(s) had untolerated taint(s)',
              unresolvable: true,
              fix: { change: 'tolerations', taint: { key: 'a', effect: 'NoSchedule' } },
            },
          ],
        },
        {
          plugin: 'NodeResourcesFit',
          reasons: [
            {
              message: 'Insufficient cpu',
              unresolvable: true,
              fix: { change: 'requests', resource: 'cpu', amount: 7000 },
            },
          ],
        },
      ],
    },
  ])
  expect(message).not.toContain('Insufficient')
  expect([...rejectedBy]).toEqual(['TaintToleration'])
})

test('a pod that may not preempt says so', () => {
  const { message } = place(pod('p', { cpu: '9' }, { preemptionPolicy: 'Never' }), [node('n')])
  expect(message).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  )
})

test('tolerations open tainted and cordoned nodes', () => {
  const anything = { tolerations: [{ operator: 'Exists' }] }
  expect(place(pod('p', {}, anything), [node('n', { spec: { ...taint('a'), unschedulable: true } })]).node).toBe('n')
  const other = { tolerations: [{ key: 'a', operator: 'Equal', value: 'no' }] }
  expect(place(pod('p', {}, other), [node('n', { spec: taint('a') })]).node).toBeUndefined()
})

test('required node affinity: terms are alternatives, expressions all hold, fields name the node', () => {
  const affinity = (matchExpressions: { key: string; operator: string; values?: string[] }[], names?: string[]) => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions },
            { matchFields: [{ key: 'metadata.name', operator: 'In', values: names ?? [] }] },
          ],
        },
      },
    },
  })
  const nodes = [node('a', { labels: { cores: '4' } }), node('b', { labels: { cores: '16', gpu: '' } })]
  const go = (spec: Partial<Pod['spec']>) => place(pod('p', {}, spec), nodes).node
  expect(go(affinity([{ key: 'cores', operator: 'Gt', values: ['8'] }]))).toBe('b')
  expect(go(affinity([{ key: 'gpu', operator: 'DoesNotExist' }]))).toBe('a')
  expect(
    go(
      affinity([
        { key: 'cores', operator: 'In', values: ['4'] },
        { key: 'gpu', operator: 'Exists' },
      ]),
    ),
  ).toBeUndefined()
  expect(go(affinity([{ key: 'none', operator: 'Exists' }], ['b']))).toBe('b')
  expect(go(affinity([]))).toBeUndefined()
})

test('host ports collide by address, port and protocol', () => {
  const ports = (hostPort: number, hostIP?: string, protocol = 'TCP'): Partial<Pod['spec']> => ({
    containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort, protocol, ...(hostIP && { hostIP }) }] }],
  })
  const go = (taken: Partial<Pod['spec']>, wanted: Partial<Pod['spec']>) =>
    place(pod('p', {}, wanted), [node('n')], [[pod('q', {}, taken), 'n']]).node
  expect(go(ports(80), ports(80, '127.0.0.1'))).toBeUndefined()
  expect(go(ports(80, '10.0.0.1'), ports(80, '127.0.0.1'))).toBe('n')
  expect(go(ports(80), ports(80, undefined, 'UDP'))).toBe('n')
  expect(go(ports(80), ports(81))).toBe('n')
})

test('what a pod takes: the peak of its init containers, sidecars along with both, overhead on top', () => {
  const cpu = (name: string, amount: string, sidecar = false) => ({
    name,
    resources: { requests: { cpu: amount } },
    ...(sidecar && { restartPolicy: 'Always' }),
  })
  const takes = (spec: Partial<Pod['spec']>, milli: number) => {
    expect(place(pod('p', {}, spec), [node('n', { cpu: `${milli}m` })]).node).toBe('n')
    expect(place(pod('p', {}, spec), [node('n', { cpu: `${milli - 1}m` })]).message).toContain('Insufficient cpu')
  }
  takes({ containers: [cpu('a', '300m'), cpu('b', '200m')] }, 500)
  takes({ containers: [cpu('a', '300m')], initContainers: [cpu('i', '800m')] }, 800)
  takes({ containers: [cpu('a', '300m')], initContainers: [cpu('s', '100m', true), cpu('i', '800m')] }, 900)
  takes({ containers: [cpu('a', '300m')], initContainers: [cpu('i', '350m'), cpu('s', '100m', true)] }, 400)
  takes({ containers: [cpu('a', '300m')], overhead: { cpu: '50m' } }, 350)
  takes({ containers: [cpu('a', '300m')], resources: { requests: { cpu: '1' } } }, 1000)
})

test('a container that is being resized takes the most of what it has and what it asks for', () => {
  const resized = (asked: string, inForce: string, reason?: string): Pod => ({
    ...pod('q', { cpu: asked }),
    status: {
      containerStatuses: [
        {
          name: 'main',
          image: '',
          imageID: '',
          ready: true,
          restartCount: 0,
          resources: { requests: { cpu: inForce } },
        },
      ],
      ...(reason && { conditions: [{ type: 'PodResizePending', status: 'True', reason }] }),
    },
  })
  const fits = (taken: Pod, cpu: string) => place(pod('p', { cpu }), [node('n')], [[taken, 'n']]).node === 'n'
  expect([fits(resized('500m', '1'), '1'), fits(resized('500m', '1'), '1100m')]).toEqual([true, false])
  expect([fits(resized('1500m', '1'), '500m'), fits(resized('1500m', '1'), '600m')]).toEqual([true, false])
  expect(fits(resized('8', '1', 'Infeasible'), '1')).toBe(true)
})

test('counts pods and extended resources', () => {
  const crowded = node('n')
  crowded.status!.allocatable = { cpu: '2', memory: '1Gi', pods: '1', 'example.com/gpu': '1' }
  const gpu = { 'example.com/gpu': '1' }
  expect(place(pod('p', gpu), [crowded]).node).toBe('n')
  expect(place(pod('p', gpu), [crowded], [[pod('q', gpu), 'n']]).message).toContain(
    '0/1 nodes are available: 1 Insufficient example.com/gpu, 1 Too many pods.',
  )
})

test('prefers the emptier node, the preferred affinity, the untainted node', () => {
  const busy: [Pod, string][] = [[pod('q', { cpu: '1', memory: '2Gi' }), 'a']]
  expect(place(pod('p', { cpu: '100m' }), [node('a'), node('b')], busy).node).toBe('b')
  const prefers = {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 10, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['x'] }] } },
        ],
      },
    },
  }
  expect(place(pod('p', {}, prefers), [node('a', { labels: { zone: 'x' } }), node('b')], busy).node).toBe('a')
  const shy = node('a', { spec: taint('slow', 'PreferNoSchedule') })
  expect(place(pod('p'), [shy, node('b')]).node).toBe('b')
})

test('equals are chosen between at random', () => {
  const nodes = [node('a'), node('b'), node('c')]
  expect([0, 0.5, 0.9].map(random => place(pod('p'), nodes, [], random).node)).toEqual(['a', 'b', 'c'])
})
