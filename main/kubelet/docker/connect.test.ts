import { mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { connectDocker } from './connect.ts'
import { pullImage } from './images.ts'
import { engineInfo } from './info.ts'

/** Something that listens where Docker should and answers each request with these bytes. */
describe('an engine that answers', () => {
  const clock = createFakeClock()
  let open: AsyncDisposableStack
  let asked: Promise<Socket>
  let answer: (socket: Socket) => void

  beforeEach(async () => {
    open = new AsyncDisposableStack()
    const directory = mkdtempSync(join(tmpdir(), 'podbay-connect-'))
    open.defer(() => rmSync(directory, { recursive: true }))
    const socketFile = join(directory, 'docker.sock')
    const sockets = new Set<Socket>()
    const first = Promise.withResolvers<Socket>()
    asked = first.promise
    const server = createServer(socket => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => {
        first.resolve(socket)
        answer(socket)
      })
    }).listen(socketFile)
    await once(server, 'listening')
    open.defer(async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    })
    vi.stubEnv('DOCKER_HOST', `unix://${socketFile}`)
    open.defer(() => void vi.unstubAllEnvs())
  })
  afterEach(() => open.disposeAsync())

  it('half of what was asked for is unreachable', async () => {
    using connection = connectDocker({ clock })
    answer = socket => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[{"Id')
    await expect(connection.docker.listContainers()).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('with a redirect is not followed', async () => {
    using connection = connectDocker({ clock })
    answer = socket =>
      socket.end(
        'HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      )
    await expect(connection.docker.listContainers()).rejects.toMatchObject({ statusCode: 301 })
  })

  it('in another language is unreachable', async () => {
    using connection = connectDocker({ clock })
    answer = socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n')
    await expect(engineInfo(connection.docker)).rejects.toMatchObject({ reason: 'RuntimeUnavailable' })
  })

  it('nothing at all is unreachable after a while', async () => {
    using connection = connectDocker({ clock })
    answer = () => undefined
    const info = expect(engineInfo(connection.docker)).rejects.toMatchObject({
      reason: 'RuntimeUnavailable',
      message: expect.stringMatching(/no answer within 10 s .*running\?/) as string,
    })
    await asked
    await clock.advance(10_000)
    await info
    expect(clock.pending).toBe(0)
  })

  it('nothing to a pull is hung up on when the pull is cancelled', async () => {
    using connection = connectDocker({ clock })
    answer = () => undefined
    const cancel = new AbortController()
    const pull = pullImage(connection.docker, clock, 'web:1', { onProgress: () => undefined, signal: cancel.signal })
    const pulled = expect(pull).rejects.toThrow()
    const hungUp = once(await asked, 'close')
    cancel.abort()
    await pulled
    await hungUp
  })

  it('late does not make every other request print all that are under way', async () => {
    const connection = connectDocker({ clock })
    answer = () => undefined
    const listed = expect(connection.docker.listContainers()).rejects.toThrow()
    await asked
    // As docker-modem does for a log that nobody reads.
    const printed = inspect(connection.docker.modem, { showHidden: true, depth: null })
    expect(printed).not.toContain('ClientRequest')
    connection[Symbol.dispose]()
    await listed
  })

  it('too late for a connection that is disposed', async () => {
    const connection = connectDocker({ clock })
    answer = () => undefined
    const listed = expect(connection.docker.listContainers()).rejects.toThrow()
    await asked
    connection[Symbol.dispose]()
    await listed
  })
})
