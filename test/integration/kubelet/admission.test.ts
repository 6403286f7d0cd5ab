import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodes, pods } from '../../../shared/api/core.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode

beforeEach(async () => {
  node = await startNode()
})
afterEach(() => node[Symbol.asyncDispose]())

const app = (cpu: string) => ({ containers: [{ name: 'app', image: 'nginx:1', resources: { requests: { cpu } } }] })
const phase = (name: string, wanted: string) =>
  node.after(0, async () => {
    const pod = await node.get(name)
    expect(pod.status?.phase).toBe(wanted)
    return pod
  })

it('a pod for which the node has no room is refused and never started; its room is not taken', async () => {
  await node.run('big', app('1500m'))
  await phase('big', 'Running')
  await node.run('late', app('1'))
  const { status } = await phase('late', 'Failed')
  const why = "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000"
  expect(status).toMatchObject({ reason: 'OutOfcpu', message: `Pod was rejected: ${why}` })
  expect(status?.containerStatuses).toBeUndefined()
  expect(node.events).toContain(`OutOfcpu: ${why}`)
  expect((await node.runtime.list()).containers.map(c => c.pod.name)).toEqual(['big'])
  await node.run('small', app('500m'))
  await phase('small', 'Running')
  await node.client.delete(pods, { namespace: 'default', name: 'late' })
  await node.after(0, () => expect(node.get('late')).rejects.toSatisfy(isNotFound))
})

it('a pod that runs stays when the kubelet begins anew, whatever the node has become', async () => {
  await node.run('web', { ...app('1'), nodeSelector: { zone: 'a' } })
  await phase('web', 'Running')
  await node.client.patch(
    nodes,
    { namespace: '', name: 'n1' },
    { type: 'application/merge-patch+json', body: { metadata: { labels: { zone: 'b' } } } },
  )
  await node.restart()
  await node.clock.advance(1000)
  await phase('web', 'Running')
})

describe('a critical pod for which the node has no room', () => {
  const critical = (cpu: string) => ({ ...app(cpu), priorityClassName: 'system-node-critical' })

  it('makes others end', async () => {
    await node.run('large', app('1200m'))
    await node.run('small', app('700m'))
    await phase('large', 'Running')
    await phase('small', 'Running')
    await node.run('system', critical('500m'))
    await phase('system', 'Running')
    const message = 'Preempted in order to admit critical pod'
    expect(node.events).toContain(`Preempting: ${message}`)
    const { status } = await phase('small', 'Failed')
    expect(status).toMatchObject({ reason: 'Preempting', message })
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'TerminationByKubelet',
        message: 'Pod was preempted by Kubelet to accommodate a critical pod.',
      }),
    )
    await phase('large', 'Running')
  })

  it('is refused where all of them would not be enough, or it could not run anyway', async () => {
    await node.run('web', app('1500m'))
    await phase('web', 'Running')
    await node.run('system', critical('3'))
    const why =
      'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to ' +
      'preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]'
    const { status } = await phase('system', 'Failed')
    expect(status).toMatchObject({ reason: 'UnexpectedAdmissionError', message: `Pod was rejected: ${why}` })
    await node.run('elsewhere', { ...critical('1'), nodeSelector: { zone: 'b' } })
    expect((await phase('elsewhere', 'Failed')).status).toMatchObject({ reason: 'NodeAffinity' })
    await phase('web', 'Running')
  })

  it('is none because it says it were a static pod', async () => {
    await node.run('web', app('1500m'))
    await phase('web', 'Running')
    await node.client.create(pods, {
      metadata: { name: 'liar', namespace: 'default', annotations: { 'kubernetes.io/config.source': 'file' } },
      spec: { ...app('1'), nodeName: 'n1' },
    })
    expect((await phase('liar', 'Failed')).status).toMatchObject({ reason: 'OutOfcpu' })
    await phase('web', 'Running')
  })
})
