import { expect, test } from 'vitest'
import type { Pod } from '../../shared/api/core.ts'
import { defaultProfile, type Profile } from './profile.ts'
import { readConfiguration } from './read-configuration.ts'
import { createTestCluster, place, testNode, testPod } from './testing/test-cluster.ts'

const head = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration' }
const read = (fields: object) => readConfiguration({ ...head, ...fields })
const profileOf = (plugins: object): Profile => read({ profiles: [{ plugins }] })[0]!
const weights = ({ scores }: Profile) => Object.fromEntries(scores.map(({ plugin, weight }) => [plugin.name, weight]))

test('without profiles there is the default one', () => {
  expect(read({})).toEqual([defaultProfile])
  expect(read({ percentageOfNodesToScore: 30, leaderElection: { leaderElect: false } })).toEqual([
    { ...defaultProfile, percentageOfNodesToScore: 30 },
  ])
})

test('several profiles have their own names, plugins and percentages', () => {
  const profiles = read({
    percentageOfNodesToScore: 30,
    profiles: [
      { schedulerName: 'default-scheduler' },
      { schedulerName: 'no-scoring', percentageOfNodesToScore: 0, plugins: { score: { disabled: [{ name: '*' }] } } },
    ],
  })
  expect(profiles.map(each => each.schedulerName)).toEqual(['default-scheduler', 'no-scoring'])
  expect(profiles.map(each => each.percentageOfNodesToScore)).toEqual([30, 0])
  expect(profiles[1]).toMatchObject({ scores: [], filters: defaultProfile.filters })
})

test('plugins are weighed, put in front and taken away at one point or everywhere', () => {
  const heavy = profileOf({ score: { enabled: [{ name: 'ImageLocality', weight: 7 }] } })
  expect(weights(heavy)).toEqual({ ...weights(defaultProfile), ImageLocality: 7 })
  const everywhere = profileOf({ multiPoint: { enabled: [{ name: 'NodeAffinity', weight: 9 }] } })
  expect(everywhere.scores.map(({ plugin }) => plugin.name)).toEqual(
    defaultProfile.scores.map(({ plugin }) => plugin.name),
  )
  expect(weights(everywhere)).toEqual({ ...weights(defaultProfile), NodeAffinity: 9 })
  const gone = profileOf({ multiPoint: { disabled: [{ name: 'TaintToleration' }] } })
  expect(gone.filters.map(({ name }) => name)).not.toContain('TaintToleration')
  expect(weights(gone)).not.toHaveProperty('TaintToleration')
  const bare = profileOf({ multiPoint: { disabled: [{ name: '*' }] }, filter: { enabled: [{ name: 'NodePorts' }] } })
  expect(bare).toMatchObject({ scores: [], preempts: false })
  expect(bare.filters.map(({ name }) => name)).toEqual(['NodePorts'])
})

test('a profile decides: tainted nodes are open without TaintToleration, nobody leaves without DefaultPreemption', () => {
  const tainted = createTestCluster([testNode('n', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })])
  expect(place(testPod('p'), tainted).node).toBeUndefined()
  const open = profileOf({ filter: { disabled: [{ name: 'TaintToleration' }] } })
  expect(place(testPod('p'), tainted, { profile: open }).node).toBe('n')

  const low = testPod('low', { requests: { cpu: '2' } })
  const full = createTestCluster([testNode('n')], [[low, 'n']])
  const high: Pod = testPod('high', { requests: { cpu: '2' }, spec: { priority: 10 } })
  const meek = profileOf({ postFilter: { disabled: [{ name: 'DefaultPreemption' }] } })
  expect(place(high, full, { profile: meek })).not.toHaveProperty('preemption')
  expect(place(high, full, { profile: meek }).message).toBe('0/1 nodes are available: 1 Insufficient cpu.')
  expect(place(high, full)).toHaveProperty('preemption')
})

test('of many nodes that would do so many are looked at as the percentage says, at least 100', () => {
  const cluster = createTestCluster(Array.from({ length: 400 }, (_, i) => testNode(`n${i}`)))
  const looked = (percentageOfNodesToScore: number) =>
    place(testPod('p'), cluster, { profile: { ...defaultProfile, percentageOfNodesToScore } }).evaluated
  expect([0, 5, 50, 100].map(looked)).toEqual([188, 100, 200, 400])
})

test.each([
  [{ kind: 'KubeletConfiguration' }, 'apiVersion, kind: must be'],
  [{ extenders: [] }, 'extenders: unknown here; known: apiVersion'],
  [{ percentageOfNodesToScore: 101 }, 'percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]'],
  [{ profiles: {} }, 'profiles: must be a list'],
  [{ profiles: [{}, { schedulerName: 'b' }] }, 'profiles[0].schedulerName: Required value'],
  [{ profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }] }, 'profiles[1].schedulerName: Duplicate value: "a"'],
  [{ profiles: [{ pluginConfig: [] }] }, 'profiles[0].pluginConfig: unknown here'],
  [{ profiles: [{ plugins: { bind: {} } }] }, 'profiles[0].plugins.bind: unknown here'],
  [
    { profiles: [{ plugins: { score: { enabled: [{ name: 'Fit' }] } } }] },
    'profiles[0].plugins.score.enabled[0].name: unknown plugin "Fit"; known: NodeUnschedulable',
  ],
  [
    { profiles: [{ plugins: { score: { enabled: [{ name: 'NodePorts' }] } } }] },
    'profiles[0].plugins.score: plugin "NodePorts" does not extend score',
  ],
  [
    { profiles: [{ plugins: { multiPoint: { enabled: [{ name: 'NodePorts', weight: -1 }] } } }] },
    'profiles[0].plugins.multiPoint.enabled[0].weight: must be',
  ],
  [
    { profiles: [{ plugins: { multiPoint: { disabled: [{ name: 'DefaultBinder' }] } } }] },
    'profiles[0].plugins.multiPoint.disabled[0].name: plugin "DefaultBinder" can\'t be disabled here',
  ],
])('names the field at fault of %j', (fields, message) => {
  expect(() => read(fields)).toThrow(message)
})
