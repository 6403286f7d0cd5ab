import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { leases } from '../../../shared/api/coordination.ts'
import { nodes } from '../../../shared/api/core.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode

beforeEach(async () => {
  node = await startNode()
})
afterEach(() => node[Symbol.asyncDispose]())

const read = () => node.client.get(nodes, { name: 'n1' })
const readLease = () => node.client.get(leases, { namespace: 'kube-node-lease', name: 'n1' })
const ready = async () => (await read()).status?.conditions?.find(c => c.type === 'Ready')

describe('a node', () => {
  it('registers with labels, addresses, capacity and conditions', async () => {
    const { metadata, status } = await read()
    expect(metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'n1',
      'kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      zone: 'a',
    })
    expect(status?.capacity).toEqual({ cpu: '2', memory: '8Gi', 'ephemeral-storage': '100Gi', pods: '110' })
    // Without what hard thresholds keep: 100Mi of memory and, in upstream's arithmetic, 10% of the disk.
    expect(status?.allocatable).toEqual({ cpu: '2', memory: '8092Mi', 'ephemeral-storage': '96636764k', pods: '110' })
    expect(status?.addresses).toEqual([{ type: 'InternalIP', address: '172.18.0.2' }])
    expect(status?.nodeInfo).toMatchObject({ containerRuntimeVersion: 'simulated://1', kubeletVersion: 'v1.36.0' })
    expect(status?.features).toEqual({ supplementalGroupsPolicy: false })
    const features = { recursiveReadOnlyMounts: false, userNamespaces: false }
    expect(status?.runtimeHandlers).toEqual([{ name: '', features }])
    expect(status?.declaredFeatures).toEqual([
      'ExtendWebSocketsToKubelet',
      'InPlacePodLevelResourcesVerticalScaling',
      'InPlacePodVerticalScalingInitContainers',
      'RestartAllContainersOnContainerExits',
    ])
    expect(Object.fromEntries((status?.conditions ?? []).map(c => [c.type, c.status]))).toEqual({
      MemoryPressure: 'False',
      DiskPressure: 'False',
      PIDPressure: 'False',
      Ready: 'True',
    })
  })

  it('tells the images that its engine has, fifty at most and five names of each', async () => {
    const info = await node.runtime.info()
    const image = (n: number) => ({ names: ['a', 'b', 'c', 'd', 'e', 'f'].map(name => `${name}:${n}`), sizeBytes: n })
    const images = Array.from({ length: 51 }, (_, n) => image(100 - n))
    node.runtime.info = async () => ({ ...info, images })
    await node.restart()
    const status = await node.after(0, async () => {
      const found = (await read()).status
      expect(found?.images).toHaveLength(50)
      return found
    })
    expect(status?.images?.[0]).toEqual({ names: ['a:100', 'b:100', 'c:100', 'd:100', 'e:100'], sizeBytes: 100 })
  })

  it('renews its lease each ten seconds and its status each five minutes', async () => {
    const { spec } = await node.after(0, readLease)
    expect(spec).toMatchObject({
      holderIdentity: 'n1',
      leaseDurationSeconds: 40,
      renewTime: '2026-01-01T00:00:00.000000Z',
    })
    const renewed = (time: string) =>
      node.after(10_000, async () => expect((await readLease()).spec?.renewTime).toBe(time))
    await renewed('2026-01-01T00:00:10.000000Z')
    await renewed('2026-01-01T00:00:20.000000Z')
    expect((await ready())?.lastHeartbeatTime).toBe('2026-01-01T00:00:00Z')
    for (let i = 3; i <= 30; i++)
      await renewed(`${new Date(Date.UTC(2026, 0, 1) + i * 10_000).toISOString().slice(0, -1)}000Z`)
    expect((await ready())?.lastHeartbeatTime).toBe('2026-01-01T00:05:00Z')
  })

  it('is not ready while its engine is out of reach, and says why', async () => {
    node.engine.fault = 'connect ECONNREFUSED /var/run/docker.sock'
    await node.restart()
    expect(await ready()).toMatchObject({
      status: 'False',
      reason: 'KubeletNotReady',
      message: 'container runtime is down: connect ECONNREFUSED /var/run/docker.sock',
    })
    expect(node.events.at(-1)).toBe('NodeNotReady: Node n1 status is now: NodeNotReady')
    delete node.engine.fault
    await node.restart()
    expect(await ready()).toMatchObject({ status: 'True', reason: 'KubeletReady' })
  })

  it('labels a Node that others made, also when its engine answers only later', async () => {
    node.engine.fault = 'connect ECONNREFUSED /var/run/docker.sock'
    const labels = { 'kubernetes.io/hostname': null, 'kubernetes.io/os': null }
    await node.client.patch(
      nodes,
      { namespace: '', name: 'n1' },
      { type: 'application/merge-patch+json', body: { metadata: { labels } } },
    )
    await node.restart()
    expect(await ready()).toMatchObject({ status: 'False' })
    delete node.engine.fault
    await node.after(10_000, async () => expect(await ready()).toMatchObject({ status: 'True' }))
    expect((await read()).metadata.labels).toMatchObject({
      'kubernetes.io/hostname': 'n1',
      'kubernetes.io/os': 'linux',
    })
  })

  it('keeps resources that others gave it and lets them be allocated, until they are taken away again', async () => {
    const give = (quantity: string | null) => {
      const body = { status: { capacity: { 'example.com/foo': quantity } } }
      const options = { type: 'application/strategic-merge-patch+json', body, subresource: 'status' } as const
      return node.client.patch(nodes, { namespace: '', name: 'n1' }, options)
    }
    await give('5')
    await node.after(0, async () =>
      expect((await read()).status?.allocatable).toMatchObject({ cpu: '2', 'example.com/foo': '5' }),
    )
    await give(null)
    await node.after(0, async () => expect((await read()).status?.allocatable).not.toHaveProperty(['example.com/foo']))
  })
})
