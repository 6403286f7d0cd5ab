import Docker from 'dockerode'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { silent } from '../../../shared/machinery/log.ts'
import type { RuntimeEvent } from '../runtime.ts'
import { createEngineEvents } from './events.ts'

const owner = { cluster: 'c', node: 'n' }
const line = (Action: string, id: string, labels: Record<string, string>) =>
  `${JSON.stringify({ Action, Actor: { ID: id, Attributes: labels } })}\n`
const died = (id: string, labels: Record<string, string>) => line('die', id, labels)
const labels = { 'io.kubernetes.docker.type': 'container', 'io.kubernetes.pod.uid': 'u1' }

/** An engine that answers /events, and can be shut down and started again at the same place. */
async function createEngine(socketPath: string) {
  const streams: ServerResponse[] = []
  const server = createServer((_, response) => {
    response.writeHead(200).flushHeaders()
    streams.push(response)
  })
  const start = async () => {
    server.listen(socketPath)
    await once(server, 'listening')
  }
  await start()
  return {
    start,
    send: (text: string) => streams.at(-1)?.write(text),
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

it('tells of deaths, of an engine that goes away, and to look again once it is back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'podbay-events-'))
  const socketPath = join(directory, 'docker.sock')
  const engine = await createEngine(socketPath)
  const clock = createFakeClock()
  const seen: RuntimeEvent[] = []
  let next = Promise.withResolvers<undefined>()
  const event = async (type: string) => {
    while (!seen.some(e => e.type === type)) await next.promise
    return seen.splice(0)
  }
  try {
    using events = await createEngineEvents({ docker: new Docker({ socketPath }), owner, clock, log: silent })
    using _ = events.subscribe(e => {
      seen.push(e)
      next.resolve(undefined)
      next = Promise.withResolvers()
    })
    engine.send(died('agent', {}) + died('one', labels).slice(0, 20))
    engine.send(died('one', labels).slice(20))
    expect(await event('died')).toEqual([{ type: 'died', containerId: 'one', podUid: 'u1' }])
    const sandbox = { ...labels, 'io.kubernetes.docker.type': 'podsandbox' }
    engine.send(line('start', 'sandbox', sandbox) + line('start', 'two', labels) + died('sandbox', sandbox))
    expect(await event('died')).toMatchObject([{ containerId: 'two' }, { containerId: 'sandbox' }])

    await engine.stop()
    expect(await event('unreachable')).toMatchObject([{ type: 'unreachable' }])
    const late: RuntimeEvent[] = []
    using _late = events.subscribe(e => late.push(e))
    expect(late).toMatchObject([{ type: 'unreachable' }])
    await engine.start()
    expect(clock.pending).toBe(1)
    await clock.advance(1000)
    expect(await event('resync')).toEqual([{ type: 'resync' }])
  } finally {
    await engine.stop()
    await rm(directory, { recursive: true })
  }
})

it('waits longer and longer for an engine that is not there', async () => {
  const clock = createFakeClock()
  const docker = new Docker({ socketPath: '/nonexistent/docker.sock' })
  using events = await createEngineEvents({ docker, owner, clock, log: silent })
  let attempts = 0
  using _ = events.subscribe(() => attempts++)
  for (let n = 0; n < 100; n++) await clock.advance(1000)
  expect(attempts).toBeLessThan(12)
  expect(attempts).toBeGreaterThan(2)
})
