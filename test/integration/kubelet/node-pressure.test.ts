import { afterEach, beforeEach, expect, it } from 'vitest'
import { nodes } from '../../../shared/api/core.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

/** Of the simulated node's 8 Gi. */
const Mi = 2 ** 20
let node: TestNode
let asked: number
/** Mi that each container uses, by its pod's name. */
let used: Record<string, number>

beforeEach(async () => {
  node = await startNode()
  asked = 0
  used = {}
  node.runtime.usage = async id => {
    asked++
    const { pod } = await node.runtime.inspectContainer(id)
    const bytes = (used[pod.name] ?? 0) * Mi
    const memory = { usageBytes: bytes, workingSetBytes: bytes, rssBytes: bytes, pageFaults: 0, majorPageFaults: 0 }
    return { at: node.clock.now(), cpuNanos: 0, memory, processes: 1 }
  }
})
afterEach(() => node[Symbol.asyncDispose]())

const phaseOf = async (name: string) => (await node.get(name)).status?.phase
const running = async (name: string) => {
  await node.run(name, {})
  await node.after(0, async () => expect(await phaseOf(name)).toBe('Running'))
}
const pressure = async () => {
  const { status } = await node.client.get(nodes, { name: 'n1' })
  return status?.conditions?.find(({ type }) => type === 'MemoryPressure')
}

it('evicts one pod at a time while the memory of the node is short, and says so for five minutes', async () => {
  await running('small')
  await running('large')
  used = { small: 3000, large: 5150 }
  await node.after(10_000, async () => {
    expect((await node.get('large')).status).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 42Mi. ' +
        'Container app was using 5150Mi, request is 0, has larger consumption of memory. ',
    })
  })
  expect(await phaseOf('small')).toBe('Running')
  await node.after(0, async () =>
    expect(await pressure()).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' }),
  )
  expect(node.events).toContain('EvictionThresholdMet: Attempting to reclaim memory')
  expect(node.events).toContain('NodeHasInsufficientMemory: Node n1 status is now: NodeHasInsufficientMemory')

  await node.run('late', {})
  await node.after(0, async () =>
    expect((await node.get('late')).status).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
    }),
  )
  await node.after(200_000, async () => expect(await pressure()).toMatchObject({ status: 'True' }))
  await node.after(150_000, async () =>
    expect(await pressure()).toMatchObject({ status: 'False', reason: 'KubeletHasSufficientMemory' }),
  )
  expect(await phaseOf('small')).toBe('Running')
})

it('spares pods that are critical', async () => {
  await node.run('system', { priority: 2_000_001_000, priorityClassName: 'system-node-critical' })
  await node.after(0, async () => expect(await phaseOf('system')).toBe('Running'))
  used = { system: 8150 }
  await node.after(10_000, async () => expect(await pressure()).toMatchObject({ status: 'True' }))
  await node.clock.advance(60_000)
  expect(await phaseOf('system')).toBe('Running')
})

it('looks once a minute while much is free, and not at all while nothing runs', async () => {
  await node.clock.advance(120_000)
  expect(asked).toBe(0)
  await running('small')
  used = { small: 100 }
  await node.after(10_000, () => expect(asked).toBe(1))
  await node.clock.advance(59_000)
  expect(asked).toBe(1)
  await node.after(2_000, () => expect(asked).toBe(2))
})
