import { afterEach, expect, it } from 'vitest'
import type { KubeletConfiguration } from '../../../main/kubelet/configuration/kubelet-configuration.ts'
import { nodes } from '../../../shared/api/core.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

/** Of the simulated node's 8 Gi. */
const Mi = 2 ** 20
let node: TestNode
let asked: number
/** Mi that each container uses, by its pod's name. */
let used: Record<string, number>

/** Mi that the container of a pod has written, and how many processes it has. */
let written: Record<string, number>
let processes: Record<string, number>

async function start(configuration: Partial<KubeletConfiguration> = {}) {
  node = await startNode({ configuration })
  asked = 0
  used = {}
  written = {}
  processes = {}
  node.runtime.diskUsage = async id => {
    const { pod } = await node.runtime.inspectContainer(id)
    return { writable: (written[pod.name] ?? 0) * Mi, logs: 0, inodes: 1 }
  }
  node.runtime.usage = async id => {
    asked++
    const { pod } = await node.runtime.inspectContainer(id)
    const bytes = (used[pod.name] ?? 0) * Mi
    const memory = { usageBytes: bytes, workingSetBytes: bytes, rssBytes: bytes, pageFaults: 0, majorPageFaults: 0 }
    return { at: node.clock.now(), cpuNanos: 0, memory, processes: processes[pod.name] ?? 1 }
  }
}
afterEach(() => node[Symbol.asyncDispose]())

const phaseOf = async (name: string) => (await node.get(name)).status?.phase
const running = async (name: string) => {
  await node.run(name, {})
  await node.after(0, async () => expect(await phaseOf(name)).toBe('Running'))
}
const pressure = async (name = 'MemoryPressure') => {
  const { status } = await node.client.get(nodes, { name: 'n1' })
  return status?.conditions?.find(({ type }) => type === name)
}

it('evicts one pod at a time while the memory of the node is short, and says so for five minutes', async () => {
  await start()
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
  await start()
  await node.run('system', { priority: 2_000_001_000, priorityClassName: 'system-node-critical' })
  await node.after(0, async () => expect(await phaseOf('system')).toBe('Running'))
  used = { system: 8150 }
  await node.after(10_000, async () => expect(await pressure()).toMatchObject({ status: 'True' }))
  await node.clock.advance(60_000)
  expect(await phaseOf('system')).toBe('Running')
})

it('looks once a minute while much is free, and not at all while nothing runs', async () => {
  await start()
  await node.clock.advance(120_000)
  expect(asked).toBe(0)
  await running('small')
  used = { small: 100 }
  await node.after(10_000, () => expect(asked).toBe(1))
  await node.clock.advance(59_000)
  expect(asked).toBe(1)
  await node.after(2_000, () => expect(asked).toBe(2))
  // A new pod may grow fast.
  await running('new')
  await node.after(10_000, () => expect(asked).toBe(4))
})

it('gives a pod time to end when only a soft threshold was met, and only after its grace period', async () => {
  await start({
    evictionSoft: { 'memory.available': '1Gi' },
    evictionSoftGracePeriod: { 'memory.available': '30s' },
    evictionMaxPodGracePeriod: 5,
  })
  await running('web')
  used = { web: 7500 }
  await node.after(10_000, async () => expect(await pressure()).toMatchObject({ status: 'True' }))
  await node.after(20_000, async () => expect(await phaseOf('web')).toBe('Running'))
  await node.after(15_000, async () => {
    const { status } = await node.get('web')
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted' })
    expect(status?.message).toContain('Threshold quantity: 1Gi, available: 692Mi. ')
  })
})

it('evicts for the disk, and takes no pod meanwhile, when the disk was configured', async () => {
  await start({ evictionHard: { 'nodefs.available': '50Gi' } })
  await running('modest')
  await running('log')
  written = { modest: 1, log: 60_000 }
  await node.after(10_000, async () => {
    const { status } = await node.get('log')
    expect(status).toMatchObject({ phase: 'Failed', reason: 'Evicted' })
    expect(status?.message).toContain('The node was low on resource: ephemeral-storage. Threshold quantity: 50Gi, ')
    expect(status?.message).toContain('Container app was using 60000Mi, request is 0')
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True' }))
  })
  await node.after(0, async () => expect(await pressure('DiskPressure')).toMatchObject({ status: 'True' }))
  expect(await phaseOf('modest')).toBe('Running')
  expect(asked).toBe(0)
  await node.run('late', {})
  await node.after(0, async () =>
    expect((await node.get('late')).status?.message).toBe('Pod was rejected: The node had condition: [DiskPressure]. '),
  )
})

it('evicts for processes, of which the engine tells how many there can be', async () => {
  await start({ evictionHard: { 'pid.available': '10%' } })
  await running('calm')
  await running('bomb')
  processes = { bomb: 950 }
  await node.after(10_000, async () =>
    expect((await node.get('bomb')).status?.message).toBe(
      'The node was low on resource: pids. Threshold quantity: 100, available: 49. ',
    ),
  )
  await node.after(0, async () =>
    expect(await pressure('PIDPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientPID' }),
  )
  expect(await phaseOf('calm')).toBe('Running')
})

it('looks often when pods use much of what a threshold leaves them, however much the node has', async () => {
  await start({ evictionHard: { 'memory.available': '8000Mi' } })
  await running('web')
  used = { web: 100 }
  await node.after(10_000, () => expect(asked).toBe(1))
  used = { web: 193 }
  await node.after(10_000, async () => expect(await phaseOf('web')).toBe('Failed'))
})

it('goes on looking while a pod waits for its image', async () => {
  await start()
  const pulled = Promise.withResolvers<undefined>()
  const pull = node.runtime.pullImage.bind(node.runtime)
  node.runtime.pullImage = async (...options) => {
    await pulled.promise
    return pull(...options)
  }
  await node.run('slow', {})
  used = { slow: 8150 }
  await node.clock.advance(30_000)
  pulled.resolve(undefined)
  await node.after(0, async () => expect(await phaseOf('slow')).toBe('Running'))
  await node.after(60_000, async () => expect(await phaseOf('slow')).toBe('Failed'))
})
