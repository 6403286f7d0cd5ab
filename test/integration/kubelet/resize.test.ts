import { afterEach, beforeEach, expect, it } from 'vitest'
import { pods } from '../../../shared/api/core.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { priorityClasses } from '../../../shared/api/scheduling.ts'
import type { ContainerResources, PodResources } from '../../../main/kubelet/runtime.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode
let updates: ContainerResources[]
/** Bytes of memory that every container uses. */
let used: number

beforeEach(async () => {
  node = await startNode()
  updates = []
  used = 0
  node.runtime.updateContainer = async (_, resources) => void updates.push(resources)
  const memory = { workingSetBytes: 0, rssBytes: 0, pageFaults: 0, majorPageFaults: 0 }
  node.runtime.usage = async () => ({ at: 1, cpuNanos: 0, processes: 1, memory: { ...memory, usageBytes: used } })
})
afterEach(() => node[Symbol.asyncDispose]())

const sized = (cpu: string, memory = '64Mi') => ({ requests: { cpu, memory }, limits: { cpu, memory } })
const app = { name: 'app', image: 'nginx:1' }
const statusOf = (pod: Pod) => pod.status?.containerStatuses?.[0]
const condition = (pod: Pod, type: string) => pod.status?.conditions?.find(c => c.type === type)

const eventually = (name: string, check: (pod: Pod) => void, ms = 0) =>
  node.after(ms, async () => {
    const pod = await node.get(name)
    check(pod)
    return pod
  })
const running = (name: string) =>
  eventually(name, pod => {
    expect(statusOf(pod)?.state?.running).toBeDefined()
  })
const patch = (name: string, spec: object) =>
  node.client.patch(
    pods,
    { namespace: 'default', name },
    { type: 'application/strategic-merge-patch+json', body: { spec }, subresource: 'resize' },
  )
const resize = (name: string, resources: object) => patch(name, { containers: [{ name: 'app', resources }] })

it('gives a running container other resources without a restart', async () => {
  await node.run('web', { containers: [{ ...app, resources: sized('500m') }] })
  expect(statusOf(await running('web'))).toMatchObject({
    resources: sized('500m'),
    allocatedResources: { cpu: '500m', memory: '64Mi' },
  })
  await resize('web', sized('1', '128Mi'))
  const pod = await eventually('web', found => {
    expect(statusOf(found)?.resources).toEqual(sized('1', '128Mi'))
    expect(condition(found, 'PodResizeInProgress')).toBeUndefined()
  })
  expect(statusOf(pod)).toMatchObject({ restartCount: 0, allocatedResources: { cpu: '1', memory: '128Mi' } })
  expect(pod.status?.observedGeneration).toBe(2)
  expect(updates).toMatchObject([{ cpuShares: 1024, cpuQuota: 100_000, memoryLimit: 128 * 2 ** 20 }])
  const summary = { containers: [{ name: 'app', resources: sized('1', '128Mi') }], generation: 2 }
  const told = node.events.filter(event => event.startsWith('Resize'))
  const of = (event: string) => JSON.parse(event.slice(event.indexOf('{'))) as object
  expect(told.map(event => event.slice(0, event.indexOf('{')))).toEqual([
    'ResizeStarted: Pod resize started: ',
    'ResizeCompleted: Pod resize completed: ',
  ])
  expect(told.map(of)).toEqual([summary, summary])
})

it('gives an init container other resources while it runs', async () => {
  await node.run('web', { initContainers: [{ ...app, name: 'first', resources: sized('500m') }], containers: [app] })
  const first = (pod: Pod) => pod.status?.initContainerStatuses?.[0]
  await eventually('web', found => expect(first(found)?.state?.running).toBeDefined())
  await node.client.patch(
    pods,
    { namespace: 'default', name: 'web' },
    {
      type: 'application/strategic-merge-patch+json',
      body: { spec: { initContainers: [{ name: 'first', resources: sized('1', '128Mi') }] } },
      subresource: 'resize',
    },
  )
  await eventually('web', found => expect(first(found)?.resources).toEqual(sized('1', '128Mi')))
  expect(updates).toMatchObject([{ cpuShares: 1024, cpuQuota: 100_000, memoryLimit: 128 * 2 ** 20 }])
})

it('restarts the container where its resize policy says so', async () => {
  const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
  await node.run('web', { containers: [{ ...app, resources: sized('500m'), resizePolicy }] })
  await running('web')
  await resize('web', sized('500m', '32Mi'))
  await eventually('web', found => {
    expect(statusOf(found)).toMatchObject({ restartCount: 1, resources: sized('500m', '32Mi') })
    expect(statusOf(found)?.state?.running).toBeDefined()
  })
  expect(updates).toEqual([])
  expect(node.events).toContain('Killing: Container app resize requires restart')
})

it('waits for room, and is given it when another pod goes', async () => {
  await node.run('other', { containers: [{ ...app, resources: sized('1') }] })
  await running('other')
  await node.run('web', { containers: [{ ...app, resources: sized('500m') }] })
  await running('web')
  await resize('web', sized('1500m'))
  const pending = await eventually('web', found => {
    expect(condition(found, 'PodResizePending')).toMatchObject({
      status: 'True',
      reason: 'Deferred',
      message: "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
    })
  })
  expect(statusOf(pending)?.resources).toEqual(sized('500m'))
  await node.restart()
  await node.client.delete(pods, { namespace: 'default', name: 'other' })
  await eventually('web', found => {
    expect(statusOf(found)?.resources).toEqual(sized('1500m'))
    expect(condition(found, 'PodResizePending')).toBeUndefined()
  })
})

it('gives room to the pod of the better class first, however long others wait', async () => {
  const burstable = (cpu: string) => ({ requests: { cpu } })
  await node.run('other', { containers: [{ ...app, resources: sized('1') }] })
  await node.run('first', { containers: [{ ...app, resources: burstable('250m') }] })
  await node.run('second', { containers: [{ ...app, resources: sized('250m') }] })
  for (const name of ['other', 'first', 'second']) await running(name)
  await resize('first', burstable('1500m'))
  await eventually('first', found => expect(condition(found, 'PodResizePending')).toBeDefined())
  await resize('second', sized('1500m'))
  await eventually('second', found => expect(condition(found, 'PodResizePending')).toBeDefined())
  await node.client.delete(pods, { namespace: 'default', name: 'other' })
  await eventually('second', found => expect(statusOf(found)?.resources).toEqual(sized('1500m')))
  expect(statusOf(await node.get('first'))?.resources).toEqual(burstable('250m'))
})

it('takes no memory that is in use, and says so until it is not', async () => {
  await node.run('web', { containers: [{ ...app, resources: sized('500m') }] })
  await running('web')
  used = 48 * 2 ** 20
  await resize('web', sized('500m', '32Mi'))
  await eventually('web', found => {
    expect(condition(found, 'PodResizeInProgress')).toMatchObject({
      reason: 'Error',
      message:
        'cannot decrease memory limits: attempting to set container "app" memory limit (33554432) below current usage (50331648)',
    })
  })
  used = 0
  await eventually('web', found => expect(statusOf(found)?.resources).toEqual(sized('500m', '32Mi')), 15_000)
})

it('resizes a pod as a whole, before the containers that its limits bound', async () => {
  const resizing: string[] = []
  node.runtime.updateContainer = async (_, { memoryLimit }) => void resizing.push(`container ${memoryLimit / 2 ** 20}`)
  node.runtime.updateSandbox = async (_, { memoryLimit }) => void resizing.push(`pod ${memoryLimit / 2 ** 20}`)
  const own = { ...app, name: 'own', resources: sized('100m', '32Mi') }
  await node.run('web', { containers: [app, own], resources: sized('500m', '64Mi') })
  await eventually('web', found => {
    expect(found.status?.resources).toEqual(sized('500m', '64Mi'))
    expect(found.status?.phase).toBe('Running')
  })
  await patch('web', { resources: sized('1', '128Mi') })
  const grown = await eventually('web', found => {
    expect(found.status?.resources).toEqual(sized('1', '128Mi'))
    expect(condition(found, 'PodResizeInProgress')).toBeUndefined()
  })
  expect(grown.status?.allocatedResources).toEqual({ cpu: '1', memory: '128Mi' })
  // Only the container without limits of its own is bound by the pod's.
  expect(resizing).toEqual(['pod 128', 'container 128', 'pod 128'])
  used = 30 * 2 ** 20
  await patch('web', { resources: sized('1', '48Mi') })
  const message =
    'cannot decrease memory limits: attempting to set pod memory limit (50331648) below current usage (62914560)'
  await eventually('web', found =>
    expect(condition(found, 'PodResizeInProgress')).toMatchObject({ reason: 'Error', message }),
  )
  resizing.length = 0
  used = 0
  await eventually('web', found => expect(found.status?.resources).toEqual(sized('1', '48Mi')), 15_000)
  expect(resizing).toEqual(['pod 128', 'container 48', 'pod 48'])
})

it('keeps the weight of a group that a pod has for its processes', async () => {
  await node[Symbol.asyncDispose]()
  node = await startNode({ configuration: { podPidsLimit: 60 } })
  const groups: PodResources[] = []
  node.runtime.updateSandbox = async (_, resources) => void groups.push(resources)
  await node.run('web', { containers: [{ ...app, resources: sized('500m') }] })
  await running('web')
  await resize('web', sized('1'))
  await eventually('web', found => expect(statusOf(found)?.resources).toEqual(sized('1')))
  expect(groups.at(-1)).toMatchObject({ cpuShares: 1024, cpuQuota: 0, memoryLimit: 0, processes: 60 })
})

it('tells what the containers of any pod have together', async () => {
  await node.run('web', {
    containers: [
      { ...app, resources: sized('500m') },
      { ...app, name: 'other', resources: sized('1') },
    ],
  })
  const pod = await eventually('web', found => expect(found.status?.resources).toEqual(sized('1500m', '128Mi')))
  expect(pod.status?.allocatedResources).toEqual({ cpu: '1500m', memory: '128Mi' })
  await node.run('plain', { containers: [app] })
  await eventually('plain', found => expect(found.status?.resources).toEqual({}))
})

it('gives room to the pod of the highest priority that waits for it', async () => {
  await node.run('other', { containers: [{ ...app, resources: sized('1') }] })
  const metadata = { name: 'urgent', uid: '' }
  await node.client.create(priorityClasses, { metadata, value: 9 })
  await node.run('low', { containers: [{ ...app, resources: sized('200m') }] })
  await node.run('high', { priorityClassName: 'urgent', containers: [{ ...app, resources: sized('200m') }] })
  for (const name of ['other', 'low', 'high']) await running(name)
  for (const name of ['low', 'high']) {
    await resize(name, sized('1500m'))
    await eventually(name, found => expect(condition(found, 'PodResizePending')?.reason).toBe('Deferred'))
  }
  await node.client.delete(pods, { namespace: 'default', name: 'other' })
  await eventually('high', found => expect(statusOf(found)?.resources).toEqual(sized('1500m')))
  expect(condition(await node.get('low'), 'PodResizePending')?.reason).toBe('Deferred')
  await resize('high', sized('400m'))
  await eventually('low', found => expect(statusOf(found)?.resources).toEqual(sized('1500m')))
})
