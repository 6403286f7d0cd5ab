import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../../../shared/api/core.ts'
import { aPod } from '../pod.fixture.ts'
import { evictionMessage, rank } from './rank.ts'
import { crossed } from './thresholds.ts'

const Mi = 2 ** 20
/** A pod that asks for so many Mi of memory and uses others. */
function using(name: string, { request = 0, used = 0, priority = 0 }) {
  const resources = { requests: { memory: `${request}Mi` } }
  const spec: Partial<PodSpec> = { priority, containers: [{ name: 'app', image: 'nginx', resources }] }
  const pod = aPod(spec, { metadata: { name, namespace: 'default', uid: name, resourceVersion: '1' } })
  return { pod, total: used * Mi, containers: new Map([['app', used * Mi]]) }
}

describe('who goes first', () => {
  it.each([
    [
      'who uses more than it asked for, even with a higher priority',
      { request: 10, used: 11, priority: 9 },
      { request: 99, used: 98 },
    ],
    ['who has the lower priority', { used: 1 }, { used: 9, priority: 1 }],
    ['who uses more beyond what it asked for', { request: 0, used: 5 }, { request: 10, used: 14 }],
  ])('%s', (_, first, second) => {
    const [a, b] = [using('a', first), using('b', second)]
    expect(rank([b, a], 'memory').map(({ pod }) => pod.metadata.name)).toEqual(['a', 'b'])
  })
})

describe('thresholds', () => {
  const at = (available: number) => new Map([['nodefs.available' as const, { capacity: 1000, available }]])

  it('are quantities or percentages of the capacity, and crossed below', () => {
    expect(crossed({ 'nodefs.available': '10%' }, at(100))).toEqual([])
    expect(crossed({ 'nodefs.available': '10%' }, at(99))).toEqual([
      { signal: 'nodefs.available', quantity: 100, capacity: 1000, available: 99 },
    ])
    expect(crossed({ 'nodefs.available': '1Ki' }, at(1000))).toHaveLength(1)
    expect(crossed({ 'memory.available': '1Ki' }, at(0))).toEqual([])
  })
})

it('an evicted pod is told what was short, how much, and which containers are to blame', () => {
  const short = {
    signal: 'memory.available',
    quantity: 100 * Mi,
    capacity: 4096 * Mi,
    available: 51 * Mi + 1024,
  } as const
  expect(evictionMessage(using('a', { request: 1024, used: 2000 }), short)).toBe(
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 52225Ki. ' +
      'Container app was using 2000Mi, request is 1Gi, has larger consumption of memory. ',
  )
  expect(evictionMessage(using('a', { request: 1024, used: 1000 }), short)).not.toContain('Container')
})
