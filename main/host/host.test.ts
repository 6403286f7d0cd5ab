import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { KubeObject, WatchEvent } from '../../shared/api/object.ts'
import type { ApiRequest, ApiTransport } from '../../shared/client/client.ts'
import { connect } from '../../shared/contract/connect.ts'
import type { Host } from '../../shared/contract/host.ts'
import { messagePortTransport } from '../../shared/contract/message-port.ts'
import { quitMessage } from '../../shared/contract/shell.ts'
import type { SchedulingDecision } from '../../shared/machinery/scheduling-decision.ts'
import { silent } from '../../shared/machinery/log.ts'
import { notFound } from '../../shared/machinery/status.ts'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { processExec } from '../../test/helpers/process-exec.ts'
import { createHost } from './host.ts'
import { servePorts, type ParentPort } from './serve-ports.ts'

/** An API server reduced to its transport: what a request asked for comes back, streams say when they were let go. */
function echoTransport() {
  const released = Promise.withResolvers<true>()
  const transport: ApiTransport = {
    async request<T>(request: ApiRequest) {
      if (request.path === '/missing') throw notFound({ group: '', resource: 'pods', name: 'x' })
      return request as T
    },
    async *watch<T extends KubeObject>(request: ApiRequest) {
      yield { type: 'ADDED', object: { metadata: { name: request.path } } } as WatchEvent<T>
      await new Promise(resolve => request.signal?.addEventListener('abort', resolve))
      released.resolve(true)
    },
    async *bytes() {
      yield Buffer.from('one\n')
      yield Buffer.from('two\n')
    },
  }
  return { transport, released: released.promise }
}

const decision: SchedulingDecision = { time: 0, message: '0/1 nodes are available', rejected: 1, nearest: [] }
let stack: AsyncDisposableStack
let directory: string
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  directory = await mkdtemp(join(tmpdir(), 'host-'))
})
afterEach(async () => {
  await stack.disposeAsync()
  await rm(directory, { recursive: true })
})

function start() {
  const { transport, released } = echoTransport()
  const host = stack.use(
    createHost({
      status: {
        current: () => ({
          cluster: 'podbay',
          version: 'v1.36.0',
          state: 'running',
          message: '',
          server: 'https://127.0.0.1:6443',
          kubeconfig: '/k',
          runtime: 'simulated',
          docker: { state: 'absent', version: '', message: '' },
        }),
        subscribe: () => ({ [Symbol.dispose]: () => undefined }),
      },
      transport,
      openExec: processExec().openExec,
      decision: ({ name }) => (name === 'web' ? decision : undefined),
      settingsFile: join(directory, 'settings.json'),
      clock: createFakeClock(),
      log: silent,
    }),
  )
  // As Electron hands ports over: events of the parent port that carry one end of a channel each.
  const parent = new EventEmitter() as EventEmitter & ParentPort
  let quits = 0
  const ports = stack.use(servePorts({ parent, host, onQuit: () => quits++, log: silent }))
  const open = () => {
    const { port1, port2 } = new MessageChannel()
    parent.emit('message', { data: undefined, ports: [port2] })
    return stack.use(connect<Host>(messagePortTransport(port1)))
  }
  return { host, parent, ports, open, released, quits: () => quits }
}

it('carries requests with nothing but what a request has', async () => {
  const remote = start().open()
  const request = { method: 'POST' as const, path: '/api/v1/x', query: { dryRun: 'All' }, body: { a: 1 }, user: 'root' }
  expect(await remote.request(request)).toEqual({
    method: 'POST',
    path: '/api/v1/x',
    query: { dryRun: 'All' },
    body: { a: 1 },
  })
  await expect(remote.request({ method: 'GET', path: '/missing' })).rejects.toMatchObject({ reason: 'NotFound' })
  await expect(remote.request({ method: 'GET', path: 'https://evil.example' })).rejects.toMatchObject({ code: 400 })
  const trace = { method: 'TRACE', path: '/' } as unknown as { method: 'GET'; path: string }
  await expect(remote.request(trace)).rejects.toMatchObject({ code: 400 })
})

it('lets go of a watch when the window stops reading it', async () => {
  const { open, released } = start()
  for await (const events of open().watch({ method: 'GET', path: '/api/v1/pods' })) {
    expect(events).toEqual([{ type: 'ADDED', object: { metadata: { name: '/api/v1/pods' } } }])
    break
  }
  await released
})

it('carries bytes to their end', async () => {
  const chunks = []
  for await (const chunk of start().open().bytes({ method: 'GET', path: '/log' })) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toBe('one\ntwo\n')
})

it('keeps terminals from one connection to the next', async () => {
  const { open } = start()
  const first = open()
  const where = { namespace: 'default', pod: 'web', container: 'app', width: 80, height: 24 }
  const { id } = await first.openTerminal({ ...where, command: ['cat'] })
  await first.writeTerminal(id, new TextEncoder().encode('hello\n'))
  first[Symbol.dispose]()
  const second = open()
  expect(await second.terminals()).toMatchObject([{ id, state: 'running' }])
  let text = ''
  for await (const chunk of second.attachTerminal(id)) {
    text += new TextDecoder().decode(chunk)
    if (text.endsWith('\n')) break
  }
  expect(text).toBe('hello\n')
  await expect(second.writeTerminal(id, 'text' as unknown as Uint8Array)).rejects.toMatchObject({ code: 400 })
})

it('says why a pod waits for a node', async () => {
  const remote = start().open()
  expect(await remote.schedulingDecision({ namespace: 'default', name: 'web' })).toEqual(decision)
  expect(await remote.schedulingDecision({ namespace: 'default', name: 'other' })).toBeUndefined()
})

it('keeps settings and tells its status', async () => {
  const remote = start().open()
  await remote.saveSettings({ theme: 'dark' })
  expect(await remote.loadSettings()).toEqual({ theme: 'dark' })
  expect(await remote.status()).toMatchObject({ state: 'running', process: { pid: process.pid } })
})

it('quits when the shell says so and closes every port when it stops', async () => {
  const { parent, ports, open, quits } = start()
  const remote = open()
  await remote.status()
  parent.emit('message', { data: quitMessage, ports: [] })
  parent.emit('message', { data: 'something else', ports: [] })
  expect(quits()).toBe(1)
  const reading = remote.watchStatus()[Symbol.asyncIterator]()
  await reading.next()
  const waiting = reading.next()
  ports[Symbol.dispose]()
  await expect(waiting).rejects.toMatchObject({ code: 503 })
})
