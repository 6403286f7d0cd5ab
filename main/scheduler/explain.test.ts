import { expect, test } from 'vitest'
import { explain } from './explain.ts'
import { createTestCluster, place, testNode, testPod } from './testing/test-cluster.ts'

test('the nodes that need the smallest change come first, with every reason and what would help', () => {
  const nodes = [
    testNode('far', { spec: { unschedulable: true } }),
    testNode('small', { allocatable: { cpu: '1' } }),
    testNode('nearly'),
  ]
  const taken: [ReturnType<typeof testPod>, string][] = [[testPod('other', { requests: { cpu: '500m' } }), 'nearly']]
  const decision = explain(place(testPod('p', { requests: { cpu: '1900m' } }), createTestCluster(nodes, taken)))
  expect(decision.nearest.map(({ node }) => node)).toEqual(['far', 'nearly', 'small'])
  expect(decision.nearest[1]).toEqual({
    node: 'nearly',
    rejections: [
      {
        plugin: 'NodeResourcesFit',
        reasons: [
          {
            message: 'Insufficient cpu',
            unresolvable: false,
            fix: { change: 'requests', resource: 'cpu', amount: 400 },
          },
        ],
      },
    ],
  })
  expect(decision).toMatchObject({ rejected: 3 })
  expect(decision).not.toHaveProperty('node')
})

test('of thousands of nodes only the nearest are told', () => {
  const nodes = Array.from({ length: 300 }, (_, i) => testNode(`n${i}`))
  const { rejected, nearest } = explain(place(testPod('p', { requests: { cpu: '9' } }), createTestCluster(nodes)))
  expect(rejected).toBe(300)
  expect(nearest).toHaveLength(20)
})

test('whoever had to leave is named', () => {
  const low = testPod('low', { requests: { cpu: '2' } })
  const high = testPod('high', { requests: { cpu: '2' }, spec: { priority: 10 } })
  const decision = explain(place(high, createTestCluster([testNode('n')], [[low, 'n']])))
  expect(decision.preemption).toEqual({ node: 'n', victims: ['low'] })
})
