import { afterEach, beforeEach, expect, it } from 'vitest'
import { pods } from '../../../shared/api/core.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode

beforeEach(async () => {
  node = await startNode({ handlers: true })
})
afterEach(() => node[Symbol.asyncDispose]())

const named = (name: string) => ({ name, image: 'nginx:1' })
const rule = (action: string) => [{ action, exitCodes: { operator: 'In', values: [42] } }]
const idOf = async (name: string) => {
  const { containers } = await node.runtime.list()
  return containers.find(c => c.name === name && c.state === 'running')?.id ?? ''
}
const exit = async (name: string, code: number) => node.runtime.exit(await idOf(name), code)
const statusOf = async (name: string) => {
  const { status } = await node.get('web')
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(s => s.name === name)
}
const running = (name: string, restartCount: number) =>
  node.after(0, async () => {
    const status = await statusOf(name)
    expect(status?.state?.running).toBeDefined()
    expect(status?.restartCount).toBe(restartCount)
    return status
  })

it('restarts a container by a rule, in a pod that does not restart', async () => {
  const app = { ...named('app'), restartPolicy: 'Never', restartPolicyRules: rule('Restart') }
  await node.run('web', { restartPolicy: 'Never', containers: [app] })
  await running('app', 0)
  await exit('app', 42)
  await running('app', 1)
  await exit('app', 1)
  await node.after(0, async () => expect((await node.get('web')).status?.phase).toBe('Failed'))
})

it('runs all containers again when one asks for it, init containers first, also after a restart of the kubelet', async () => {
  const app = { ...named('app'), restartPolicy: 'Never', restartPolicyRules: rule('RestartAllContainers') }
  await node.run('web', { restartPolicy: 'Never', initContainers: [named('init')], containers: [app, named('log')] })
  await running('init', 0)
  await exit('init', 0)
  await running('log', 0)
  const { podIP } = (await node.get('web')).status ?? {}

  await exit('app', 42)
  const init = await running('init', 1)
  expect(init?.lastState?.terminated).toMatchObject({ reason: 'RestartingAllContainers', exitCode: 137 })
  expect(await statusOf('log')).toMatchObject({
    restartCount: 1,
    state: { waiting: { reason: 'PodInitializing' } },
    lastState: { terminated: { reason: 'RestartingAllContainers' } },
  })
  const { status } = await node.get('web')
  expect(status?.conditions).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ type: 'AllContainersRestarting', status: 'False' }),
      expect.objectContaining({ type: 'Initialized', status: 'True' }),
    ]) as unknown[],
  )
  expect(status?.podIP).toBe(podIP)

  await node.restart()
  await exit('init', 0)
  await running('app', 1)
  await running('log', 1)
  expect(node.events).toContain('Killing: killing')
})

it('runs the hooks of sidecars at once, and ends sidecars last, in reverse order', async () => {
  const sidecar = (name: string, seconds: number) => ({
    ...named(name),
    restartPolicy: 'Always',
    lifecycle: { preStop: { sleep: { seconds } } },
  })
  await node.run('web', {
    initContainers: [sidecar('first', 1), sidecar('second', 20)],
    containers: [{ ...named('app'), lifecycle: { preStop: { sleep: { seconds: 10 } } } }],
  })
  await running('app', 0)
  const alive = async () => (await node.runtime.list()).containers.flatMap(c => (c.state === 'running' ? c.name : []))
  await node.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 60 })
  await node.after(0, () => {
    for (const name of ['first', 'second', 'app']) expect(node.events).toContain(`Killing: Stopping container ${name}`)
  })
  await node.after(10_000, async () => expect((await alive()).sort()).toEqual(['first', 'second']))
  expect((await node.get('web')).status?.phase).toBe('Running')
  await node.after(10_000, () => expect(node.get('web')).rejects.toSatisfy(isNotFound))
})
