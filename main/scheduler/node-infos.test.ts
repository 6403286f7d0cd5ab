import { expect, test } from 'vitest'
import { createNodeInfos } from './node-infos.ts'
import { podInfoOf } from './pod-info.ts'
import { testNode, testPod } from './testing/test-cluster.ts'

const pod = (name: string, cpu = '1') =>
  podInfoOf(
    testPod(name, {
      requests: { cpu },
      spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] },
    }),
  )

test('pods that are seen before their node count on it, and a node that comes back still has them', () => {
  const infos = createNodeInfos()
  infos.put(pod('p'), 'n')
  expect(infos.get('n')).toBeUndefined()
  expect(infos.list()).toEqual([])
  infos.setNode(testNode('n'))
  expect(infos.get('n')?.cpu.requested).toBe(1000)
  infos.removeNode('n')
  expect(infos.list()).toEqual([])
  infos.setNode(testNode('n'))
  expect(infos.get('n')?.pods.size).toBe(1)
})

test('a pod that moves, changes or goes leaves nothing behind', () => {
  const infos = createNodeInfos()
  for (const name of ['a', 'b']) infos.setNode(testNode(name, { images: { 'web:1': 1 } }))
  infos.put(pod('p'), 'a')
  infos.put(pod('p', '2'), 'b')
  expect(infos.get('a')?.cpu.requested).toBe(0)
  expect(infos.get('b')?.cpu.requested).toBe(2000)
  expect(infos.claimUsers('default/data')).toBe(1)
  infos.remove(pod('p').uid)
  expect(infos.get('b')?.cpu.requested).toBe(0)
  expect(infos.claimUsers('default/data')).toBe(0)
  expect(infos.nodesWithImage('web:1')).toBe(2)
  infos.setNode(testNode('a'))
  infos.removeNode('b')
  expect(infos.nodesWithImage('web:1')).toBe(0)
})

test('lists the nodes of all zones in turn', () => {
  const infos = createNodeInfos()
  for (const [name, zone] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['a3', 'a'],
    ['b1', 'b'],
    ['b2', 'b'],
  ] as const) {
    infos.setNode(testNode(name, { labels: { 'topology.kubernetes.io/zone': zone } }))
  }
  expect(infos.list().map(({ node }) => node.metadata.name)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
})

test('a pod keeps the node that was promised to it until it is placed', () => {
  const infos = createNodeInfos()
  infos.setNode(testNode('n'))
  infos.nominate(pod('p'), 'n')
  expect(infos.nominatedTo('n').map(({ uid }) => uid)).toEqual(['default/p'])
  infos.put(pod('p'), 'n')
  expect(infos.nominatedNode('default/p')).toBeUndefined()
})
