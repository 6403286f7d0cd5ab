import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configMaps, pods } from '../../../shared/api/core.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { RuntimeFault } from '../../../main/kubelet/runtime.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode

beforeEach(async () => {
  node = await startNode({
    // `exit N` ends at once with N, everything else runs until it is stopped.
    process: ({ command, args }) =>
      command?.[0] === 'exit' ? Promise.resolve(Number(command[1] ?? args?.[0])) : new Promise<number>(() => {}),
  })
})
afterEach(() => node[Symbol.asyncDispose]())

const app = { name: 'app', image: 'nginx:1' }
const failing = { ...app, command: ['exit', '3'] }

const state = (pod: Pod, index = 0) => pod.status?.containerStatuses?.[index]?.state
const condition = (pod: Pod, type: string) => pod.status?.conditions?.find(c => c.type === type)?.status

async function running(name: string, restarts = 0): Promise<Pod> {
  return node.after(0, async () => {
    const pod = await node.get(name)
    expect(state(pod)?.running).toBeDefined()
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(restarts)
    return pod
  })
}

const containers = async (name: string) => (await node.runtime.list()).containers.filter(c => c.pod.name === name)

async function gone(name: string) {
  await node.after(0, () => expect(node.get(name)).rejects.toSatisfy(isNotFound))
}

describe('a pod', () => {
  it('runs, is ready, and has its addresses', async () => {
    await node.run('web', {})
    const { status } = await running('web')
    expect(status).toMatchObject({
      phase: 'Running',
      podIP: '10.244.1.2',
      podIPs: [{ ip: '10.244.1.2' }],
      hostIP: '172.18.0.2',
      qosClass: 'BestEffort',
      observedGeneration: 1,
    })
    expect(Object.fromEntries((status?.conditions ?? []).map(c => [c.type, c.status]))).toMatchObject({
      PodReadyToStartContainers: 'True',
      Initialized: 'True',
      ContainersReady: 'True',
      Ready: 'True',
    })
    expect(node.events).toEqual([
      'NodeReady: Node n1 status is now: NodeReady',
      'Pulling: Pulling image "nginx:1"',
      'Pulled: Successfully pulled image "nginx:1" in 0s (0s including waiting). Image size: 0 bytes.',
      'Created: Container created',
      'Started: Container started',
    ])
  })

  it('is replaced in place when it exits, at first at once, then after a growing back-off', async () => {
    await node.run('web', { containers: [failing] })
    const waiting = (text: string) =>
      node.after(0, async () => {
        const pod = await node.get('web')
        const message = `${text} restarting failed container=app pod=web_default(${pod.metadata.uid})`
        expect(state(pod)).toEqual({ waiting: { reason: 'CrashLoopBackOff', message } })
        expect(pod.status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(3)
        expect(pod.status?.phase).toBe('Running')
      })
    await waiting('back-off 10s')
    expect(await containers('web')).toHaveLength(2)
    await node.clock.advance(10_000)
    await waiting('back-off 20s')
    await node.clock.advance(19_000)
    await waiting('back-off 20s')
    await node.clock.advance(1000)
    await waiting('back-off 40s')
    // One dead attempt is kept for its log beside the newest.
    expect((await containers('web')).map(c => c.attempt).sort()).toEqual([2, 3])
  })

  it('ends as its restart policy says', async () => {
    await node.run('failed', {
      restartPolicy: 'Never',
      containers: [failing, { ...app, name: 'good', command: ['exit', '0'] }],
    })
    await node.run('done', { restartPolicy: 'OnFailure', containers: [{ ...app, command: ['exit', '0'] }] })
    await node.after(0, async () => {
      const [failed, done] = [await node.get('failed'), await node.get('done')]
      expect(failed.status?.phase).toBe('Failed')
      expect(state(failed)?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
      expect(done.status?.phase).toBe('Succeeded')
      expect(condition(done, 'Ready')).toBe('False')
    })
    await node.after(0, async () => {
      const { sandboxes } = await node.runtime.list()
      expect(sandboxes.map(s => s.state)).toEqual(['notready', 'notready'])
    })
  })

  it('runs its init containers one after the other first', async () => {
    const initContainers = [
      { ...app, name: 'first' },
      { ...app, name: 'second' },
    ]
    await node.run('web', { initContainers })
    for (const name of ['first', 'second']) {
      const id = await node.after(0, async () => {
        const found = (await containers('web')).find(c => c.name === name && c.state === 'running')
        expect(found).toBeDefined()
        expect((await node.get('web')).status?.phase).toBe('Pending')
        return found?.id ?? ''
      })
      expect(condition(await node.get('web'), 'Initialized')).not.toBe('True')
      node.runtime.exit(id, 0)
    }
    expect(condition(await running('web'), 'Initialized')).toBe('True')
  })

  it('waits for what it needs and starts when it comes', async () => {
    const volumes = [{ name: 'v', configMap: { name: 'settings' } }]
    await node.run('web', {
      volumes,
      containers: [{ ...app, env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'other', key: 'a' } } }] }],
    })
    await node.after(0, async () => {
      expect(state(await node.get('web'))).toEqual({ waiting: { reason: 'ContainerCreating' } })
      expect(node.events).toContain(
        'FailedMount: MountVolume.SetUp failed for volume "v" : configmap "settings" not found',
      )
    })
    await node.client.create(configMaps, { metadata: { name: 'settings', namespace: 'default' } })
    await node.after(0, async () => {
      const waiting = { reason: 'CreateContainerConfigError', message: 'configmap "other" not found' }
      expect(state(await node.get('web'))).toEqual({ waiting })
    })
    await node.client.create(configMaps, { metadata: { name: 'other', namespace: 'default' }, data: { a: '1' } })
    await running('web')
  })

  it('leaves no sandbox behind, however many it had', async () => {
    await node.run('web', { containers: [app] })
    await running('web')
    for (const restarts of [1, 2]) {
      const ready = (await node.runtime.list()).sandboxes.find(s => s.state === 'ready')
      await node.runtime.stopSandbox(ready?.id ?? '')
      await node.after(20_000, () => running('web', restarts))
    }
    // The last dead container stays for its logs, and so does its sandbox.
    expect((await node.runtime.list()).sandboxes.map(s => s.attempt)).toEqual([1, 2])
    await node.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 1 })
    await gone('web')
    expect(await node.runtime.list()).toEqual({ sandboxes: [], containers: [] })
  })

  it('is replaced with its sandbox when that dies', async () => {
    await node.run('web', {})
    await running('web')
    const [sandbox] = (await node.runtime.list()).sandboxes
    await node.runtime.stopSandbox(sandbox?.id ?? '')
    await running('web', 1)
    const found = (await node.runtime.list()).sandboxes.filter(s => s.state === 'ready')
    expect(found.map(s => s.attempt)).toEqual([1])
    expect(node.events).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.')
  })

  it('is failed at its deadline', async () => {
    await node.run('web', { activeDeadlineSeconds: 60 })
    await running('web')
    await node.after(60_000, async () => {
      const { status } = await node.get('web')
      expect(status).toMatchObject({
        phase: 'Failed',
        reason: 'DeadlineExceeded',
        message: 'Pod was active on the node longer than the specified deadline',
      })
    })
    expect((await containers('web')).map(c => c.state)).toEqual(['exited'])
  })
})

describe('deletion', () => {
  it('stops the containers, then removes all of the pod', async () => {
    await node.run('web', {})
    await running('web')
    await node.client.delete(pods, { namespace: 'default', name: 'web' })
    await gone('web')
    expect(await node.runtime.list()).toEqual({ sandboxes: [], containers: [] })
    expect(node.events).toContain('Killing: Stopping container app')
  })

  it('by force ends the containers too', async () => {
    await node.run('web', {})
    await running('web')
    await node.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 })
    await gone('web')
    await node.after(0, async () => expect(await node.runtime.list()).toEqual({ sandboxes: [], containers: [] }))
  })

  it('while the kubelet was away is made up for', async () => {
    await node.run('web', {})
    await running('web')
    const restarting = node.restart()
    await node.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 })
    await restarting
    await node.after(0, async () => expect(await node.runtime.list()).toEqual({ sandboxes: [], containers: [] }))
  })
})

it('a restarted kubelet adopts what runs', async () => {
  await node.run('web', { containers: [{ ...app, readinessProbe: { tcpSocket: { port: 80 } } }] })
  const before = await node.after(0, async () => {
    const pod = await node.get('web')
    expect(condition(pod, 'Ready')).toBe('True')
    return pod
  })
  const listed = await node.runtime.list()
  await node.restart()
  await node.run('other', {})
  await running('other')
  expect((await containers('web')).map(c => c.id)).toEqual(listed.containers.map(c => c.id))
  expect((await node.get('web')).status).toEqual(before.status)
})

describe('logs and exec', () => {
  const options = { follow: false, timestamps: false, previous: false, signal: new AbortController().signal }

  it('reach the container, or say in upstream words why not', async () => {
    await node.run('web', {
      containers: [
        app,
        { ...app, name: 'late', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'no', key: 'a' } } }] },
      ],
    })
    const pod = await node.after(0, async () => {
      const found = await node.get('web')
      expect(state(found, 1)?.waiting?.reason).toBe('CreateContainerConfigError')
      return found
    })
    const chunks: Uint8Array[] = []
    for await (const chunk of await node.kubelet().logs(pod, 'app', options)) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toMatch('Nothing runs on a simulated node')
    await expect(node.kubelet().logs(pod, 'late', options)).rejects.toThrow(
      'container "late" in pod "web" is waiting to start: CreateContainerConfigError',
    )
    await expect(node.kubelet().logs(pod, 'app', { ...options, previous: true })).rejects.toThrow(
      'previous terminated container "app" in pod "web" not found',
    )
    const exec = { command: ['sh'], stdin: false, stdout: true, stderr: true, tty: false }
    await expect(node.kubelet().exec(pod, 'late', exec)).rejects.toThrow('container not found ("late")')
  })
})

it('holds back an image that can not be pulled, and tells so', async () => {
  const fault = new RuntimeFault('ErrImagePull', 'connection refused')
  node.runtime.pullImage = () => Promise.reject(fault)
  const waiting = async () => (await node.get('web')).status?.containerStatuses?.[0]?.state?.waiting
  await node.run('web', {})
  await node.after(0, async () =>
    expect(await waiting()).toEqual({ reason: 'ErrImagePull', message: 'connection refused' }),
  )
  const message = 'Back-off pulling image "nginx:1": ErrImagePull: connection refused'
  await node.after(5000, async () => expect(await waiting()).toEqual({ reason: 'ImagePullBackOff', message }))
  await node.after(5000, async () => expect(await waiting()).toMatchObject({ reason: 'ErrImagePull' }))
  const told = ['BackOff: Back-off pulling image "nginx:1"', 'Failed: Error: ImagePullBackOff']
  expect(node.events).toEqual(expect.arrayContaining(told))
})
