import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ExecSession } from '../../../shared/machinery/streams.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { clusterName, ended, execute, runContainer, runSandbox, useTestNode } from './node.ts'

const cluster = clusterName('streams')
const all = { stdin: true, stdout: true, stderr: true, tty: false }

async function said({ output }: ExecSession): Promise<string> {
  let words = ''
  for await (const { data } of output) words += Buffer.from(data).toString()
  return words
}

describe.skipIf(withoutDocker)('streams of Docker containers', () => {
  const node = useTestNode(cluster)

  describe('attach', () => {
    it('talks to the container until it ends', async () => {
      const command = ['sh', '-c', 'read -r word; echo "got $word"; echo fault >&2']
      const id = await runContainer(node, await runSandbox(node, 'attach'), { command, stdin: true })
      await using session = await node.runtime.attach(id, all)
      await session.write(Buffer.from('ping\n'))
      const words = await said(session)
      expect(words).toContain('got ping\n')
      expect(words).toContain('fault\n')
      expect(await session.exitCode).toBe(0)
      expect((await ended(node, id)).exitCode).toBe(0)
    })

    it('ends the input of a container that wants it once', async () => {
      const given = { command: ['sh', '-c', 'cat; echo over'], stdin: true, stdinOnce: true }
      const id = await runContainer(node, await runSandbox(node, 'once'), given)
      await using session = await node.runtime.attach(id, all)
      await session.write(Buffer.from('last words\n'))
      session.closeStdin()
      expect(await said(session)).toBe('last words\nover\n')
    })

    it('leaves a container that wants its input more than once as it is', async () => {
      const command = ['sh', '-c', 'while read -r word; do echo "got $word"; done']
      const id = await runContainer(node, await runSandbox(node, 'twice'), { command, stdin: true })
      for (const word of ['one', 'two']) {
        await using session = await node.runtime.attach(id, all)
        const output = session.output[Symbol.asyncIterator]()
        await session.write(Buffer.from(`${word}\n`))
        session.closeStdin()
        const { value } = (await output.next()) as { value: { data: Uint8Array } }
        expect(Buffer.from(value.data).toString()).toBe(`got ${word}\n`)
      }
      expect((await node.runtime.inspectContainer(id)).state).toBe('running')
    })

    it('resizes the terminal and passes every key on at once', async () => {
      const given = { command: ['sh', '-c', 'stty raw -echo; head -c 2; stty size'], stdin: true, tty: true }
      const id = await runContainer(node, await runSandbox(node, 'tty'), given)
      await using session = await node.runtime.attach(id, { ...all, tty: true })
      await session.resize({ width: 101, height: 37 })
      // Ctrl P, which would be held back if Ctrl P Ctrl Q detached.
      await session.write(Buffer.from([0x10]))
      await session.write(Buffer.from('x'))
      const words = await said(session)
      expect(words).toContain('\x10x')
      expect(words).toContain('37 101')
    })
  })

  describe('port-forward', () => {
    let sandboxId: string
    const command = ['sh', '-c', 'mkdir /www && echo hello >/www/word && exec httpd -f -p 127.0.0.1:7000 -h /www']
    beforeAll(async () => {
      const sandbox = await runSandbox(node, 'ports')
      sandboxId = sandbox.id
      const id = await runContainer(node, sandbox, { command })
      // It listens: this is the port, and this the state.
      while (!/:1B58 00000000:0000 0A/.test((await execute(node, id, ['cat', '/proc/net/tcp'])).stdout)) continue
    })

    it("reaches what listens on the pod's loopback alone", async () => {
      const connection = await node.runtime.portForward(sandboxId, 7000)
      connection.end('GET /word HTTP/1.0\r\n\r\n')
      expect(await text(connection)).toMatch(/^HTTP\/1\.[01] 200 OK[^]*\r\n\r\nhello\n$/)
    })

    it('says that nothing listens', async () => {
      const connection = await node.runtime.portForward(sandboxId, 7001)
      await expect(text(connection)).rejects.toThrow('Connection refused')
    })

    it('leaves no process behind when the client goes', async () => {
      const connection = await node.runtime.portForward(sandboxId, 7000)
      connection.write('GET /')
      while (!(await node.agent.mustRun('ps')).includes('nc 127.0.0.1 7000')) continue
      connection.destroy()
      await once(connection, 'close')
      expect(await node.agent.mustRun('ps')).not.toContain('nc 127.0.0.1 7000')
    })

    it('says so when the pod has ended', async () => {
      const sandbox = await runSandbox(node, 'ended')
      await node.runtime.stopSandbox(sandbox.id)
      await expect((async () => text(await node.runtime.portForward(sandbox.id, 80)))()).rejects.toThrow(
        'the pod has ended',
      )
    })
  })

  it('shows a container the processes of another', async () => {
    const sandbox = await runSandbox(node, 'processes')
    const target = await runContainer(node, sandbox, { command: ['sleep', '4711'] })
    const id = await runContainer(node, sandbox, { name: 'debug', processesOf: target })
    expect((await execute(node, id, ['cat', '/proc/1/cmdline'])).stdout).toBe('sleep\x004711\0')
  })
})
