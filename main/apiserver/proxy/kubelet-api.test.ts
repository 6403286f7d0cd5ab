import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { ExecOptions, ExecSession } from '../../../shared/machinery/streams.ts'
import type { KubeletConnector } from '../connector.ts'
import { startServer } from '../testing/start-server.ts'

const pods = '/api/v1/namespaces/default/pods'
const kubelet = '/api/v1/nodes/n/proxy'

/** Of a command that waits. */
let running = Promise.withResolvers<undefined>()
let ended = Promise.withResolvers<undefined>()

/** Says its command, a byte at a time, and ends with 1 if that is `fail`; `wait` ends when it is disposed. */
function session({ command }: ExecOptions): ExecSession {
  const failed = command[0] === 'fail'
  const disposed = Promise.withResolvers<undefined>()
  return {
    output: (async function* () {
      for (const byte of Buffer.from(command.join(' ')))
        yield { stream: failed ? ('stderr' as const) : ('stdout' as const), data: Buffer.of(byte) }
      if (command[0] !== 'wait') return
      running.resolve(undefined)
      await disposed.promise
      ended.resolve(undefined)
    })(),
    write: () => Promise.resolve(),
    closeStdin: () => undefined,
    resize: () => Promise.resolve(),
    exitCode: Promise.resolve(failed ? 1 : 0),
    async [Symbol.asyncDispose]() {
      disposed.resolve(undefined)
    },
  }
}

const kubelets: KubeletConnector = {
  exec: (_pod, _name, options) => Promise.resolve(session(options)),
  attach: () => Promise.reject(badRequest('nobody attaches here')),
  portForward: () => Promise.reject(badRequest('nobody listens here')),
  logs(_pod, name, options) {
    if (options.previous) return Promise.reject(badRequest(`previous terminated container "${name}" not found`))
    return Promise.resolve(
      (async function* () {
        yield Buffer.from(`${name} ${JSON.stringify({ ...options, signal: undefined })}`)
      })(),
    )
  },
  api: async (node, { method, path }) => ({
    status: 301,
    contentType: 'text/plain',
    location: 'elsewhere/',
    body: [Buffer.from(`${node} ${method} ${path}`)],
  }),
}

/** A node `n` with a pod `p` of one container `a`. */
async function withPod() {
  const s = await startServer({ kubelets })
  const spec = { containers: [{ name: 'a', image: 'x' }] }
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await s.send('POST', '/api/v1/nodes', { metadata: { name: 'n' } })
  await s.send('POST', pods, { metadata: { name: 'p' }, spec })
  await s.send('POST', `${pods}/p/binding`, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } })
  const { port } = await s.server.listen({ host: '127.0.0.1', port: 0 })
  const { ca, admin } = s.authorities
  const credentials = { ca: ca.certificate, cert: admin.certificate, key: admin.key }
  const begin = (path: string, method: string) =>
    request({ ...credentials, host: '127.0.0.1', port, method, path: `${kubelet}${path}` }).end()
  const ask = async (path: string, method = 'GET') => {
    const asked = begin(path, method)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    let body = ''
    for await (const chunk of answer) body += String(chunk)
    return { status: answer.statusCode, body, location: answer.headers.location }
  }
  const socket = (path: string) =>
    new WebSocket(`wss://127.0.0.1:${port}${kubelet}${path}`, ['v5.channel.k8s.io'], credentials)
  return Object.assign(s, { ask, begin, socket })
}

test('logs of a container, with the old name of tailLines', async () => {
  await using s = await withPod()
  expect(await s.ask('/containerLogs/default/p/a?tail=3')).toMatchObject({
    status: 200,
    body: 'a {"follow":false,"previous":false,"timestamps":false,"tailLines":3}',
  })
  expect(await s.ask('/containerLogs/default/p/a?tail=all&tailLines=5')).toMatchObject({
    body: 'a {"follow":false,"previous":false,"timestamps":false}',
  })
})

test.each([
  ['GET', '/containerLogs/default/q/a', 404, 'pod "q" does not exist'],
  ['GET', '/containerLogs/default/p/b', 404, 'container "b" not found in pod "p"'],
  ['GET', '/containerLogs/default/p/a?tailLines=x', 400, '{"message": "Unable to decode query."}'],
  ['GET', '/containerLogs/default/p/a?tailLines=-1', 422, '{"message": "Invalid request."}'],
  ['GET', '/containerLogs/default/p/a?stream=Stdout', 422, '{"message": "Invalid request."}'],
  ['GET', '/containerLogs/default/p/a?previous=true', 400, 'previous terminated container "a" not found'],
  ['POST', '/containerLogs/default/p/a', 405, '405: Method Not Allowed'],
  ['POST', '/pods', 405, '405: Method Not Allowed'],
  ['POST', '/run/default/q/a?cmd=id', 404, 'pod does not exist'],
  ['POST', '/run/default/p/a?cmd=fail+now', 500, "command 'fail now' exited with 1: fail now"],
  ['POST', '/exec/default/p/a?command=id', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
  ['POST', '/exec/default/p/a?command=id&output=1', 400, 'Upgrade request required'],
  ['POST', '/portForward/default/p/other', 404, 'pod not found'],
])('%s %s: %i', async (method, path, status, body) => {
  await using s = await withPod()
  expect(await s.ask(path, method)).toMatchObject({ status, body })
})

test('a command ends when the client that waits for it is gone', async () => {
  await using s = await withPod()
  ;[running, ended] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const asked = s.begin('/run/default/p/a?cmd=wait', 'POST').on('error', () => undefined)
  await running.promise
  asked.destroy()
  await ended.promise
})

test('a command is run, and one is connected with', async () => {
  await using s = await withPod()
  expect(await s.ask('/run/default/p/a?cmd=echo+gr%C3%BC%C3%9Fe', 'POST')).toMatchObject({ body: 'echo grüße' })
  expect(await s.ask('/run/default/p/a?cmd=echo+hello', 'POST')).toMatchObject({ status: 200, body: 'echo hello' })
  const socket = s.socket('/exec/default/p/a?command=echo&command=there&output=1')
  let output = ''
  socket.on('message', (data: Buffer) => (output += data[0] === 1 ? data.subarray(1).toString() : ''))
  await once(socket, 'close')
  expect(output).toBe('echo there')
})

test('all else is for the kubelet itself', async () => {
  await using s = await withPod()
  expect(await s.ask('/logs')).toEqual({ status: 301, body: 'n GET /logs', location: 'elsewhere/' })
})

test('pods/log knows no streams, as their gate is off', async () => {
  await using s = await withPod()
  const asked = s.admin.bytes({ method: 'GET', path: `${pods}/p/log`, query: { stream: 'Stdout' } })
  await expect(asked[Symbol.asyncIterator]().next()).rejects.toThrow(
    'PodLogOptions "p" is invalid: stream: Forbidden: may not be specified',
  )
})
