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

const app = { name: 'app', image: 'nginx:1' }
const failingProbe = { exec: { command: ['check'] }, periodSeconds: 5, failureThreshold: 2 }
const said = 'Nothing runs on a simulated node: container "app" has no process.\n'
const remove = (gracePeriodSeconds: number) =>
  node.client.delete(pods, { namespace: 'default', name: 'web' }, { gracePeriodSeconds })
const states = async () => (await node.runtime.list()).containers.map(c => c.state)
const running = () =>
  node.after(0, async () => {
    const [status] = (await node.get('web')).status?.containerStatuses ?? []
    expect(status?.state?.running).toBeDefined()
    return status
  })
/** The hook runs, and nothing is under way that a leap of the clock would cut off. */
const ending = () =>
  node.after(0, async () => {
    expect(node.events).toContain('Killing: Stopping container app')
    expect((await node.get('web')).status?.observedGeneration).toBe(2)
  })
const gone = (ms: number) => node.after(ms, () => expect(node.get('web')).rejects.toSatisfy(isNotFound))

it('runs the preStop hook inside the grace period', async () => {
  await node.run('web', { containers: [{ ...app, lifecycle: { preStop: { sleep: { seconds: 20 } } } }] })
  await running()
  await remove(60)
  await ending()
  await node.clock.advance(19_000)
  expect(await states()).toEqual(['running'])
  await gone(1000)
})

const slow = {
  terminationGracePeriodSeconds: 600,
  containers: [{ ...app, lifecycle: { preStop: { sleep: { seconds: 500 } } } }],
}

it('cuts the hook off when the grace period is over', async () => {
  await node.run('web', slow)
  await running()
  await remove(60)
  await ending()
  await node.clock.advance(59_000)
  expect(await states()).toEqual(['running'])
  await gone(1000)
})

it('cuts the hook off when the grace period is made shorter', async () => {
  await node.run('web', slow)
  await running()
  await remove(60)
  await ending()
  expect(await states()).toEqual(['running'])
  await remove(5)
  await gone(0)
})

it('cuts the hook off when the pod is removed by force', async () => {
  await node.run('web', slow)
  await running()
  await remove(60)
  await ending()
  await remove(0)
  await gone(0)
  await node.after(0, async () => expect(await states()).toEqual([]))
})

it('lets a deletion shorten the kill that a probe began', async () => {
  const [container] = slow.containers
  await node.run('web', { ...slow, containers: [{ ...app, ...container, livenessProbe: failingProbe }] })
  await running()
  await node.clock.advance(5000)
  await node.after(0, () =>
    expect(node.events).toContain('Killing: Container app failed liveness probe, will be restarted'),
  )
  expect(await states()).toEqual(['running'])
  await remove(5)
  await gone(5000)
})

it('restarts a container whose postStart hook fails', async () => {
  await node.run('web', { containers: [{ ...app, lifecycle: { postStart: { exec: { command: ['x'] } } } }] })
  await node.after(0, async () => {
    const [status] = (await node.get('web')).status?.containerStatuses ?? []
    expect(status?.state?.waiting?.reason).toBe('CrashLoopBackOff')
    expect(status?.restartCount).toBe(1)
  })
  expect(node.events.filter(e => e === 'FailedPostStartHook: PostStartHook failed')).toHaveLength(2)
  expect(node.events).toContain('Killing: FailedPostStartHook')
  expect(await states()).toEqual(['exited', 'exited'])
})

it('restarts a container whose liveness probe fails', async () => {
  await node.run('web', { containers: [{ ...app, livenessProbe: failingProbe }] })
  expect((await running())?.restartCount).toBe(0)
  await node.clock.advance(5000)
  await node.after(0, async () => expect((await running())?.restartCount).toBe(1))
  expect(node.events).toContain(`Unhealthy: Liveness probe failed: ${said}`)
  expect(node.events).toContain('Killing: Container app failed liveness probe, will be restarted')
})

it('asks no more whether a container lives once its pod ends', async () => {
  const lifecycle = { preStop: { sleep: { seconds: 50 } } }
  const livenessProbe = { ...failingProbe, failureThreshold: 9 }
  await node.run('web', { terminationGracePeriodSeconds: 60, containers: [{ ...app, lifecycle, livenessProbe }] })
  await running()
  const asked = () => node.events.filter(e => e.startsWith('Unhealthy')).length
  await node.after(5000, () => expect(asked()).toBeGreaterThan(0))
  await remove(60)
  await ending()
  const before = asked()
  await node.clock.advance(40_000)
  expect(asked()).toBe(before)
  await gone(10_000)
})

it('leaves a container that is not ready alone', async () => {
  await node.run('web', { containers: [{ ...app, readinessProbe: failingProbe }] })
  await running()
  await node.clock.advance(60_000)
  expect(await running()).toMatchObject({ restartCount: 0, started: true, ready: false })
  expect(node.events).toContain(`Unhealthy: Readiness probe failed: ${said}`)
})

it('asks nothing else before the startup probe has passed', async () => {
  await node.run('web', {
    containers: [{ ...app, startupProbe: { ...failingProbe, failureThreshold: 100 }, livenessProbe: failingProbe }],
  })
  await running()
  await node.clock.advance(60_000)
  expect(await running()).toMatchObject({ restartCount: 0, started: false, ready: false })
  expect(node.events.filter(e => e.startsWith('Unhealthy'))).not.toContain(`Unhealthy: Liveness probe failed: ${said}`)
})
