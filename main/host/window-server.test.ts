import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect } from '../../shared/contract/connect.ts'
import type { Host } from '../../shared/contract/host.ts'
import { rpcProtocol, webSocketTransport } from '../../shared/contract/web-socket.ts'
import { silent } from '../../shared/machinery/log.ts'
import { createWindowServer, type WindowServer, type WindowServerOptions } from './window-server.ts'

describe('the window server', () => {
  let directory: string
  let options: Omit<WindowServerOptions, 'address'>
  let server: WindowServer
  let port: number
  const token = 'a-token'

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'window-'))
    const root = join(directory, 'renderer')
    await mkdir(join(root, 'assets'), { recursive: true })
    await writeFile(join(root, 'index.html'), '<!doctype html>')
    await writeFile(join(root, 'assets', 'index-BzK3f9aQ.js'), 'export {}')
    await writeFile(join(directory, 'secret.txt'), 'secret')
    const host: Partial<Host> = { terminals: async () => [] }
    options = { host: host as Host, root, log: silent }
    server = await createWindowServer({ ...options, address: { port: 0, token } })
    port = Number(new URL(server.url).port)
  })
  afterEach(async () => {
    await server[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  /** A request as it stands: fetch would tidy up the path and refuse the headers. */
  function get(path: string, { method = 'GET', host = `127.0.0.1:${port}` } = {}) {
    return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, method, headers: { host }, agent: false }, response => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => (body += text))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      })
      sent.on('error', reject).end()
    })
  }

  /** Resolves with the open socket, or the status of the refusal. */
  function upgrade({
    path = '/rpc',
    protocols = [rpcProtocol, `podbay.token.${token}`],
    ...headers
  }: {
    path?: string
    protocols?: string[]
    origin?: string
    host?: string
  }) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, {
      headers: { origin: `http://127.0.0.1:${port}`, ...headers },
    })
    return new Promise<WebSocket | number>((resolve, reject) => {
      socket.on('open', () => resolve(socket))
      socket.on('unexpected-response', (_, response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      socket.on('error', reject)
    })
  }

  it('puts the token in the fragment', () => {
    expect(server.url).toBe(`http://127.0.0.1:${port}/#token=a-token`)
  })

  it('comes back where it was, to pages that stayed open as well', async () => {
    const before = await upgrade({})
    if (typeof before === 'number') throw new Error(`refused with ${before}`)
    const { url, address } = server
    const closed = once(before, 'close')
    await server[Symbol.asyncDispose]()
    await closed
    server = await createWindowServer({ ...options, address })
    expect(server.url).toBe(url)
    const after = await upgrade({})
    if (typeof after === 'number') throw new Error(`refused with ${after}`)
    using remote = connect<Host>(webSocketTransport(after))
    expect(await remote.terminals()).toEqual([])
  })

  it('moves when its port is taken, and takes no token along that the taker may have heard', async () => {
    await using moved = await createWindowServer({ ...options, address: { port, token } })
    expect(moved.address.port).not.toBe(port)
    expect(moved.address.token).not.toBe(token)
    expect(moved.url).toBe(`http://127.0.0.1:${moved.address.port}/#token=${moved.address.token}`)
    port = moved.address.port
    expect(await upgrade({})).toBe(403)
  })

  it('serves files with their types and the page for its routes', async () => {
    expect(await get('/')).toMatchObject({ status: 200, body: '<!doctype html>' })
    const asset = await get('/assets/index-BzK3f9aQ.js?x')
    expect(asset.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const route = await get('/pods/default/web')
    expect(route).toMatchObject({ body: '<!doctype html>', headers: { 'cache-control': 'no-cache' } })
  })

  it('lets nothing but its own files into the page', async () => {
    const { headers } = await get('/')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${port}`)
    expect(policy).not.toContain('unsafe-eval')
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '//secret.txt',
    '/..\\secret.txt',
    '/missing.js',
  ])('has no %s', async path => {
    expect(await get(path)).toMatchObject({ status: 404 })
  })

  it('answers its own host names only, and reads only', async () => {
    expect(await get('/', { host: `localhost:${port}` })).toMatchObject({ status: 200 })
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1']) {
      expect(await get('/', { host })).toMatchObject({ status: 421 })
    }
    expect(await get('/', { method: 'POST' })).toMatchObject({ status: 405 })
  })

  it('connects its own page', async () => {
    const socket = await upgrade({})
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`)
    expect(socket.protocol).toBe(rpcProtocol)
    using remote = connect<Host>(webSocketTransport(socket))
    expect(await remote.terminals()).toEqual([])
  })

  it.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['an origin that looks alike', { origin: 'http://127.0.0.1.evil.example' }],
    ['no origin', { origin: '' }],
    ['a host name that is not its own', { host: 'evil.example', origin: 'http://evil.example' }],
    ['a wrong token', { protocols: [rpcProtocol, 'podbay.token.another'] }],
    ['no token', { protocols: [rpcProtocol] }],
    ['another path', { path: '/rpc?token=a-token' }],
  ])('refuses %s', async (_, attempt) => {
    expect(await upgrade(attempt)).toBe(403)
  })
})
