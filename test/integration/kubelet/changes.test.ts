import { afterEach, beforeEach, expect, it } from 'vitest'
import { pods } from '../../../shared/api/core.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode

beforeEach(async () => {
  // `exit N` ends at once with N, everything else runs until it is stopped.
  node = await startNode({
    process: ({ command }) =>
      command?.[0] === 'exit' ? Promise.resolve(Number(command[1])) : new Promise<number>(() => {}),
  })
})
afterEach(() => node[Symbol.asyncDispose]())

const key = { namespace: 'default', name: 'web' }
const app = { name: 'app', image: 'nginx:1' }

const setImage = (image: string) =>
  node.client.patch(pods, key, {
    type: 'application/strategic-merge-patch+json',
    body: { spec: { containers: [{ name: 'app', image }] } },
  })

const status = async () => (await node.get('web')).status?.containerStatuses?.[0]

it('a new image replaces a running container at once', async () => {
  await node.run('web', { containers: [app] })
  await node.after(0, async () => expect((await status())?.state?.running).toBeDefined())
  await setImage('nginx:2')
  await node.after(0, async () => {
    expect(await status()).toMatchObject({ image: 'nginx:2', restartCount: 1, state: { running: {} } })
  })
  expect(node.events).toContain('Killing: Container app definition changed, will be restarted')
})

it('a new image does not wait for what the old one has earned by crashing', async () => {
  await node.run('web', { containers: [{ ...app, command: ['exit', '1'] }] })
  await node.after(0, async () => expect((await status())?.state?.waiting?.reason).toBe('CrashLoopBackOff'))
  await setImage('nginx:2')
  await node.after(0, async () => expect((await status())?.image).toBe('nginx:2'))
})

it('containers that die one shortly after the other are both seen, however shortly', async () => {
  const names = ['first', 'second', 'stays']
  const states = async (pod: string) => (await node.get(pod)).status?.containerStatuses ?? []
  for (let turns = 0; turns < 50; turns++) {
    const pod = `web-${turns}`
    await node.run(pod, { restartPolicy: 'Never', containers: names.map(name => ({ ...app, name })) })
    await node.after(0, async () => expect((await states(pod)).filter(s => s.state?.running)).toHaveLength(3))
    const { containers } = await node.runtime.list()
    const id = (name: string) => containers.find(c => c.pod.name === pod && c.name === name)?.id ?? ''
    node.runtime.exit(id('first'), 0)
    for (let i = 0; i < turns; i++) await Promise.resolve()
    node.runtime.exit(id('second'), 0)
    await node.after(0, async () => expect((await states(pod)).filter(s => s.state?.terminated)).toHaveLength(2))
  }
})
