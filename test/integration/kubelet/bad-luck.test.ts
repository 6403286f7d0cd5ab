import { afterEach, beforeEach, expect, it } from 'vitest'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode

beforeEach(async () => {
  node = await startNode()
})
afterEach(() => node[Symbol.asyncDispose]())

const status = async () => (await node.get('web')).status?.containerStatuses?.[0]

async function running() {
  return node.after(0, async () => {
    const found = await status()
    expect(found?.state?.running).toBeDefined()
    return found
  })
}

/** Holds a call of the runtime up until the result is called. */
function hold(method: 'list' | 'startContainer'): () => void {
  const open = Promise.withResolvers<undefined>()
  const real = { ...node.runtime }
  if (method === 'list') node.runtime.list = () => open.promise.then(() => real.list())
  else node.runtime.startContainer = id => open.promise.then(() => real.startContainer(id))
  return () => open.resolve(undefined)
}

it('a kubelet that has just started finds the container whose log or shell is wanted', async () => {
  await node.run('web', {})
  await running()
  const pod = await node.get('web')
  const release = hold('list')
  await node.restart()
  const options = { follow: false, timestamps: false, previous: false, signal: new AbortController().signal }
  const log = node.kubelet().logs(pod, 'app', options)
  const shell = node
    .kubelet()
    .exec(pod, 'app', { command: ['sh'], stdin: false, stdout: true, stderr: true, tty: false })
  release()
  await log
  await (await shell)[Symbol.asyncDispose]()
})

it('a container that can not be inspected is not taken for gone', async () => {
  await node.run('web', {})
  await running()
  const { containers } = await node.runtime.list()
  const real = { ...node.runtime }
  node.runtime.inspectContainer = async () => {
    node.runtime.inspectContainer = id => real.inspectContainer(id)
    throw new Error('server error')
  }
  node.runtime.exit(containers[0]?.id ?? '', 3)
  await node.after(0, async () => expect((await status())?.restartCount).toBe(1))
  expect((await status())?.lastState?.terminated?.exitCode).toBe(3)
})

it('a container whose start a stop overtook is not probed by the kubelet that has stopped', async () => {
  const release = hold('startContainer')
  const readinessProbe = { tcpSocket: { port: 80 } }
  await node.run('web', { containers: [{ name: 'app', image: 'nginx:1', readinessProbe }] })
  await node.after(0, async () => expect((await node.runtime.list()).containers).toHaveLength(1))
  await node.kubelet()[Symbol.asyncDispose]()
  const timers = node.clock.pending
  release()
  await node.after(0, async () => expect((await node.runtime.list()).containers[0]?.state).toBe('running'))
  await node.clock.advance(0)
  expect(node.clock.pending).toBe(timers)
})

it('the network forgets a sandbox that died', async () => {
  await node.run('web', {})
  await running()
  const [dead = ''] = node.network.sandboxes
  await node.runtime.stopSandbox(dead)
  await node.after(0, async () => expect((await status())?.restartCount).toBe(1))
  await node.after(0, () => expect([...node.network.sandboxes]).toEqual([expect.not.stringMatching(dead)]))
})

it('the network forgets a sandbox that it could not connect', async () => {
  node.network.fault = 'no rules'
  await node.run('web', {})
  await node.after(0, () =>
    expect(node.events).toContain('FailedCreatePodSandBox: Failed to create pod sandbox: no rules'),
  )
  delete node.network.fault
  await node.clock.advance(15_000)
  await running()
  expect(node.network.sandboxes.size).toBe(1)
})
