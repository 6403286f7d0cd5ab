import { once } from 'node:events'
import * as http from 'node:http'
import * as http2 from 'node:http2'
import * as net from 'node:net'
import { describe, expect, it } from 'vitest'
import type { EventRecorder } from '../../../shared/client/recorder.ts'
import type { Probe } from '../../../shared/api/core.ts'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import type { Dial } from './dial.ts'
import { createHandlers } from '../container/handlers.ts'
import { aPod, containerConfig, sandboxConfig } from '../pod/pod.fixture.ts'
import { createSimulatedRuntime } from '../simulated/simulated-runtime.ts'

const dial: Dial = async (ip, port, signal) => {
  const socket = net.connect({ host: ip, port, signal })
  await once(socket, 'connect')
  return socket
}

const runtime = createSimulatedRuntime({ clock: createFakeClock(), podCIDR: '10.1.0.0/24' })
const events: string[] = []
const recorder: EventRecorder = { event: (_, type, reason, message) => events.push(`${type} ${reason}: ${message}`) }
const handlers = createHandlers({ dial, runtime, recorder, sleep: async () => {} })

const never = new AbortController().signal
const probe = (action: Partial<Probe>, ports: { name: string; containerPort: number }[] = [], signal = never) =>
  handlers.probe(action, { pod: aPod(), container: { name: 'app', ports }, containerId: 'c', ip: '127.0.0.1' }, signal)

/** Listens on a free port for as long as `use` takes. */
async function serving(server: net.Server, use: (port: number) => Promise<void>): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  try {
    await use(port)
  } finally {
    server.close()
    await once(server, 'close')
  }
}

const web = () =>
  http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x')
    if (pathname === '/redirect') response.writeHead(302, { location: '/headers' })
    else if (pathname === '/away') response.writeHead(302, { location: 'http://example.invalid/' })
    else if (pathname === '/loop') response.writeHead(302, { location: '/loop' })
    else if (pathname === '/headers') response.writeHead(request.headers['x-token'] === 'a, b' ? 200 : 403)
    else response.writeHead(Number(pathname.slice(1)) || 200)
    response.end('body')
  })

describe('HTTP', () => {
  it('passes from 200 to 399', () =>
    serving(web(), async port => {
      expect(await probe({ httpGet: { path: '/', port } })).toEqual({ outcome: 'success', output: 'body' })
      expect(
        await probe({ httpGet: { path: '299', port: 'web' } }, [{ name: 'web', containerPort: port }]),
      ).toMatchObject({ outcome: 'success' })
      expect(await probe({ httpGet: { path: '/500', port } })).toEqual({
        outcome: 'failure',
        output: 'HTTP probe failed with statuscode: 500',
      })
    }))

  it('sends headers and follows redirects on its own host only', () =>
    serving(web(), async port => {
      const httpHeaders = [
        { name: 'X-Token', value: 'a' },
        { name: 'X-Token', value: 'b' },
      ]
      expect(await probe({ httpGet: { path: '/redirect', port, httpHeaders } })).toMatchObject({ outcome: 'success' })
      expect(await probe({ httpGet: { path: '/redirect', port } })).toEqual({
        outcome: 'failure',
        output: 'HTTP probe failed with statuscode: 403',
      })
      expect(await probe({ httpGet: { path: '/away', port } })).toEqual({
        outcome: 'warning',
        output: 'Probe terminated redirects, Response body: body',
      })
      expect(await probe({ httpGet: { path: '/loop', port } })).toEqual({
        outcome: 'failure',
        output: `Get "http://127.0.0.1:${port}/loop": stopped after 10 redirects`,
      })
    }))

  it('tells of a closed port, a silent server and an unknown name', async () => {
    let closed = 0
    await serving(net.createServer(), async port => {
      closed = port
    })
    expect(await probe({ httpGet: { path: '/', port: closed } })).toEqual({
      outcome: 'failure',
      output: `Get "http://127.0.0.1:${closed}/": dial tcp 127.0.0.1:${closed}: connect: connection refused`,
    })
    expect(await probe({ tcpSocket: { port: closed } })).toEqual({
      outcome: 'failure',
      output: `dial tcp 127.0.0.1:${closed}: connect: connection refused`,
    })
    expect(await probe({ httpGet: { path: '/', port: 'web' } })).toEqual({
      outcome: 'unknown',
      output: 'strconv.Atoi: parsing "web": invalid syntax',
    })
    const timeout = new AbortController()
    const silent = net.createServer(socket => socket.on('data', () => timeout.abort()).on('error', () => {}))
    await serving(silent, async port => {
      expect(await probe({ httpGet: { path: '/', port } }, [], timeout.signal)).toEqual({
        outcome: 'failure',
        output: `Get "http://127.0.0.1:${port}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      })
    })
  })
})

it('TCP passes when the port opens', () =>
  serving(
    net.createServer(socket => socket.on('error', () => {})),
    async port => {
      expect(await probe({ tcpSocket: { port } })).toEqual({ outcome: 'success', output: '' })
    },
  ))

it('exec fails with what the command said', async () => {
  const sandbox = await runtime.runSandbox(sandboxConfig)
  const containerId = await runtime.createContainer(sandbox, containerConfig)
  await runtime.startContainer(containerId)
  const target = { pod: aPod(), container: { name: 'app' }, containerId, ip: sandbox.ip }
  const output = 'Nothing runs on a simulated node: container "app" has no process.\n'
  expect(await handlers.probe({ exec: { command: ['x'] } }, target, never)).toEqual({ outcome: 'failure', output })
  const hook = handlers.hook({ exec: { command: ['sh', '-c', 'x'] } }, target, never)
  await expect(hook).rejects.toThrow(
    `Exec lifecycle hook ([sh -c x]) for Container "app" in Pod "web_default(u1)" failed - error: command 'sh -c x' exited with 126: ${output}, message: "`,
  )
})

describe('an HTTP hook', () => {
  const hook = (port: number, action = {}) =>
    handlers.hook(
      { httpGet: { port, path: '/500', ...action } },
      { pod: aPod(), container: { name: 'app' }, containerId: 'c', ip: '127.0.0.1' },
      never,
    )

  it('takes any answer, says whose it is, and asks again without TLS where there is none', async () => {
    const seen: http.IncomingHttpHeaders[] = []
    const server = http.createServer((request, response) => {
      seen.push(request.headers)
      response.writeHead(500).end()
    })
    await serving(server, async port => {
      await hook(port)
      expect(seen).toMatchObject([{ 'user-agent': 'kube-lifecycle/1.36', accept: '*/*' }])
      await hook(port, { scheme: 'HTTPS', httpHeaders: [{ name: 'Authorization', value: 'secret' }] })
      expect(seen[1]).not.toHaveProperty('authorization')
      expect(events).toEqual([
        `Warning LifecycleHTTPFallback: request to HTTPS lifecycle hook 127.0.0.1:${port} got HTTP response, retry with HTTP succeeded`,
      ])
    })
  })

  it('follows a redirect to another host, but takes no secrets there', async () => {
    const seen: http.IncomingHttpHeaders[] = []
    const server = http.createServer((request, response) => {
      seen.push(request.headers)
      const location = `http://localhost:${request.socket.localPort}/`
      response.writeHead(seen.length === 1 ? 302 : 200, { location }).end()
    })
    await serving(server, async port => {
      const secrets = ['Authorization', 'Cookie', 'X-Token'].map(name => ({ name, value: 'secret' }))
      await hook(port, { path: '/', httpHeaders: secrets })
      expect(seen.map(headers => secrets.map(({ name }) => headers[name.toLowerCase()]))).toEqual([
        ['secret', 'secret', 'secret'],
        [undefined, undefined, 'secret'],
      ])
    })
  })

  it('fails where nobody answers', async () => {
    let closed = 0
    await serving(net.createServer(), async port => {
      closed = port
    })
    await expect(hook(closed)).rejects.toThrow(
      'HTTP lifecycle hook (/500) for Container "app" in Pod "web_default(u1)" failed - error: connect: connection refused',
    )
  })
})

describe('gRPC', () => {
  const trailers = (status: number | undefined) => {
    if (status === undefined) return { 'grpc-status': '12', 'grpc-message': 'unknown%20method' }
    return status === 3 ? { 'grpc-status': '5', 'grpc-message': 'unknown service' } : { 'grpc-status': '0' }
  }
  /** Answers a health check as grpc.health.v1 would: the status of the service that is asked for. */
  const health = (statuses: Record<string, number>) =>
    http2.createServer().on('stream', stream => {
      const chunks: Buffer[] = []
      stream.on('error', () => {})
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const status = statuses[Buffer.concat(chunks).subarray(7).toString()]
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers(trailers(status)))
        stream.end(Buffer.from(status === undefined ? [] : [0, 0, 0, 0, 2, 0x08, status]))
      })
    })

  it('passes when the service is serving', () =>
    serving(health({ '': 1, db: 2, lost: 3 }), async port => {
      expect(await probe({ grpc: { port } })).toEqual({ outcome: 'success', output: 'service healthy' })
      expect(await probe({ grpc: { port, service: 'db' } })).toEqual({
        outcome: 'failure',
        output: 'service unhealthy (responded with "NOT_SERVING")',
      })
      expect(await probe({ grpc: { port, service: 'lost' } })).toEqual({
        outcome: 'failure',
        output: 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
      })
      expect(await probe({ grpc: { port, service: 'other' } })).toEqual({
        outcome: 'failure',
        output:
          'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown method',
      })
    }))
})
