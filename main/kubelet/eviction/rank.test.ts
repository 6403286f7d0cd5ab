import { describe, expect, it } from 'vitest'
import type { PodSpec } from '../../../shared/api/core.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { newPodState } from '../pod/pod-state.ts'
import { evictionMessage } from './eviction-message.ts'
import type { PodUsage } from './measure.ts'
import { rank } from './rank.ts'
import type { Threshold } from './signals.ts'

const Mi = 2 ** 20
/** A pod that asks for so many Mi of memory and uses others, and as many processes. */
function using(name: string, { request = 0, used = 0, priority = 0, spec = {} as Partial<PodSpec> }): PodUsage {
  const resources = { requests: { memory: `${request}Mi` } }
  const pod = aPod(
    { priority, containers: [{ name: 'app', image: 'nginx', resources }], ...spec },
    { metadata: { name, namespace: 'default', uid: name, resourceVersion: '1' } },
  )
  return {
    pod,
    state: newPodState({ uid: name, name, namespace: 'default' }, false),
    total: { memory: used * Mi, pids: used, inodes: used, 'ephemeral-storage': 0 },
    containers: { memory: new Map([['app', used * Mi]]), 'ephemeral-storage': new Map() },
  }
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

  it('of those that have processes: who has the lower priority, then who has more', () => {
    const pods = [using('a', { used: 9, priority: 1 }), using('b', { used: 1 }), using('c', { used: 2 })]
    expect(rank(pods, 'pids').map(({ pod }) => pod.metadata.name)).toEqual(['c', 'b', 'a'])
  })
})

describe('an evicted pod is told', () => {
  const threshold: Threshold = {
    signal: 'memory.available',
    value: { quantity: '100Mi', value: 100 * Mi },
    gracePeriod: 0,
  }
  const short = { capacity: 4096 * Mi, available: 51 * Mi + 1024 }

  it('what was short, how much, and which containers are to blame', () => {
    expect(evictionMessage(using('a', { request: 1024, used: 2000 }), threshold, short)).toEqual({
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 52225Ki. ' +
        'Container app was using 2000Mi, request is 1Gi, has larger consumption of memory. ',
      annotations: { offending_containers: 'app', offending_containers_usage: '2000Mi', starved_resource: 'memory' },
    })
    expect(evictionMessage(using('a', { request: 1024, used: 1000 }), threshold, short).message).not.toContain(
      'Container',
    )
  })

  it('what the whole pod used, if it asked for something as a whole', () => {
    const spec = { resources: { requests: { memory: '10Mi' } } }
    const { message, annotations } = evictionMessage(using('a', { request: 5, used: 20, spec }), threshold, short)
    expect(message).toContain(
      'Pod a was using 20Mi, request is 10Mi, has larger consumption of memory. Container app was using 20Mi, request is 5Mi',
    )
    expect(annotations).toMatchObject({ offending_pod: 'a', offending_pod_usage: '20Mi' })
  })

  it('of processes and files without suffixes of bytes', () => {
    const pids: Threshold = { signal: 'pid.available', value: { part: 0.5 }, gracePeriod: 0 }
    expect(evictionMessage(using('a', { used: 7 }), pids, { capacity: 30_001, available: 14_000 }).message).toBe(
      'The node was low on resource: pids. Threshold quantity: 15000, available: 14k. ',
    )
  })
})
