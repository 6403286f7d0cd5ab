import { expect, test } from 'vitest'
import type { Namespace, Pod, PodSpec } from '../../../shared/api/core.ts'
import { createTestCluster, fitting, place, scoresOf, testNode, testPod } from '../testing/test-cluster.ts'

type Affinity = NonNullable<PodSpec['affinity']>
type Term = NonNullable<NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>[number]

const zone = 'topology.kubernetes.io/zone'
const nodes = [
  testNode('a1', { labels: { [zone]: 'A' } }),
  testNode('a2', { labels: { [zone]: 'A' } }),
  testNode('b1', { labels: { [zone]: 'B' } }),
]
const means = (matchLabels: Record<string, string>, topologyKey = zone, more: Partial<Term> = {}): Term => ({
  topologyKey,
  labelSelector: { matchLabels },
  ...more,
})
const near = (...terms: Term[]): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
})
const away = (...terms: Term[]): Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
})
const pod = (name: string, labels: Record<string, string>, affinity?: Affinity, namespace?: string) =>
  testPod(name, { labels, ...(affinity && { spec: { affinity } }), ...(namespace && { namespace }) })
const go = (wanted: Pod, ...placed: [Pod, string][]) => fitting(wanted, createTestCluster(nodes, placed))

test('affinity: only the zone where a matching pod runs', () => {
  const cached = pod('web', {}, near(means({ security: 'S1' })))
  expect(go(cached, [pod('s1', { security: 'S1' }), 'a1'])).toEqual(['a1', 'a2'])
  expect(place(cached, createTestCluster(nodes)).message).toBe(
    "0/3 nodes are available: 3 node(s) didn't match pod affinity rules. " +
      'no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
  )
})

test('anti-affinity: not the zone where a matching pod runs, in both directions', () => {
  const s2 = pod('s2', { security: 'S2' })
  expect(go(pod('web', {}, away(means({ security: 'S2' }))), [s2, 'a1'])).toEqual(['b1'])
  const hermit = pod('hermit', {}, away(means({ security: 'S2' })))
  expect(go(s2, [hermit, 'a1'])).toEqual(['b1'])
  expect(
    place(
      s2,
      createTestCluster(nodes, [
        [hermit, 'a1'],
        [pod('h2', {}, away(means({ security: 'S2' }))), 'b1'],
      ]),
    ).message,
  ).toContain("0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules.")
})

test('the documented redis cache and web store: one of each per node, side by side', () => {
  const hostname = 'kubernetes.io/hostname'
  const store = (name: string) => pod(name, { app: 'store' }, away(means({ app: 'store' }, hostname)))
  const web = (name: string) =>
    pod(name, { app: 'web' }, { ...away(means({ app: 'web' }, hostname)), ...near(means({ app: 'store' }, hostname)) })
  const stores: [Pod, string][] = [
    [store('s1'), 'a1'],
    [store('s2'), 'b1'],
  ]
  expect(go(store('s3'), ...stores)).toEqual(['a2'])
  expect(go(web('w1'), ...stores)).toEqual(['a1', 'b1'])
  expect(go(web('w2'), ...stores, [web('w1'), 'a1'])).toEqual(['b1'])
})

test('the first pod of a series with affinity to itself goes anywhere with the label', () => {
  const own = pod('p', { app: 'web' }, near(means({ app: 'web' })))
  const unlabelled = testNode('bare')
  expect(fitting(own, createTestCluster([...nodes, unlabelled]))).toEqual(['a1', 'a2', 'b1'])
  expect(go(own, [pod('other', { app: 'web' }), 'b1'])).toEqual(['b1'])
})

test('namespaces: the own one, those listed, those selected, all', () => {
  const there = pod('s1', { security: 'S1' }, undefined, 'team-b')
  const namespaces: Namespace[] = [{ metadata: { name: 'team-b', uid: 'team-b', labels: { team: 'b' } } }]
  const within = (more: Partial<Term>) => {
    const wanted = pod('p', {}, near(means({ security: 'S1' }, zone, more)))
    return fitting(wanted, createTestCluster(nodes, [[there, 'b1']], { namespaces }))
  }
  expect(within({})).toEqual([])
  expect(within({ namespaces: ['team-b'] })).toEqual(['b1'])
  expect(within({ namespaceSelector: { matchLabels: { team: 'b' } } })).toEqual(['b1'])
  expect(within({ namespaceSelector: { matchLabels: { team: 'c' } } })).toEqual([])
  expect(within({ namespaceSelector: {} })).toEqual(['b1'])
})

test('preferences of the pod and of those already there are weighed', () => {
  const prefers = (
    kind: 'podAffinity' | 'podAntiAffinity',
    weight: number,
    matchLabels: Record<string, string>,
  ): Affinity => ({
    [kind]: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight, podAffinityTerm: means(matchLabels) }] },
  })
  const scored = (wanted: Pod, ...placed: [Pod, string][]) =>
    scoresOf(wanted, createTestCluster(nodes, placed), 'InterPodAffinity')
  const s2 = pod('s2', { security: 'S2' })
  expect(scored(pod('p', {}, prefers('podAffinity', 100, { security: 'S2' })), [s2, 'b1'])).toEqual({
    a1: 0,
    a2: 0,
    b1: 100,
  })
  expect(scored(pod('p', {}, prefers('podAntiAffinity', 100, { security: 'S2' })), [s2, 'b1'])).toEqual({
    a1: 100,
    a2: 100,
    b1: 0,
  })
  expect(scored(s2, [pod('q', {}, prefers('podAffinity', 1, { security: 'S2' })), 'b1'])).toEqual({
    a1: 0,
    a2: 0,
    b1: 100,
  })
  expect(scored(s2, [pod('q', { security: 'S3' }), 'b1'])).toBeUndefined()
})
