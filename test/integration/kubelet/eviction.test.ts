import { afterEach, beforeEach, expect, it } from 'vitest'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode
let measured: number

/** Bytes in the volume `cache` of every pod. */
let used: number

beforeEach(async () => {
  node = await startNode()
  measured = 0
  used = 0
  const disk = { inodesUsed: 1, capacityBytes: 0, availableBytes: 0, inodes: 0, inodesFree: 0, inMemory: false }
  node.volumes.usage = async () => {
    measured++
    return new Map([['cache', { ...disk, usedBytes: used }]])
  }
})
afterEach(() => node[Symbol.asyncDispose]())

const phaseOf = async () => (await node.get('web')).status?.phase
const running = () => node.after(0, async () => expect(await phaseOf()).toBe('Running'))

it('ends a pod whose emptyDir is over its sizeLimit', async () => {
  await node.run('web', { volumes: [{ name: 'cache', emptyDir: { sizeLimit: '10Mi' } }] })
  await running()
  used = 10 * 2 ** 20
  await node.after(10_000, () => expect(measured).toBe(1))
  expect(await phaseOf()).toBe('Running')
  used++
  const message = 'Usage of EmptyDir volume "cache" exceeds the limit "10Mi". '
  await node.after(10_000, async () => {
    const { status } = await node.get('web')
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted', message })
    // It is the pod that is at fault.
    expect(status?.conditions?.find(c => c.type === 'DisruptionTarget')).toBeUndefined()
  })
  expect(node.events).toContain(`Evicted: ${message}`)
  await node.after(0, async () => {
    expect((await node.runtime.list()).containers.map(c => c.state)).toEqual(['exited'])
  })
  const before = measured
  await node.clock.advance(60_000)
  expect(measured).toBe(before)
})

it('measures nothing of pods without a limit', async () => {
  await node.run('web', { volumes: [{ name: 'cache', emptyDir: {} }] })
  await running()
  await node.clock.advance(60_000)
  expect(measured).toBe(0)
})
