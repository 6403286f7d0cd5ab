import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimeCases } from '../../../main/kubelet/runtime.cases.ts'
import { createVolumeHost } from '../../../main/kubelet/docker/volumes.ts'
import type { SandboxConfig } from '../../../main/kubelet/runtime.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { eventually } from '../../helpers/eventually.ts'
import {
  clusterName,
  createContainer,
  createTestNode,
  ended,
  execute,
  logsOf,
  removeAll,
  runContainer,
  runSandbox,
  shell,
  type TestNode,
} from './node.ts'

const cluster = clusterName('runtime')

describe.skipIf(withoutDocker)('Docker runtime', () => {
  let node: TestNode
  beforeAll(async () => {
    node = await createTestNode(cluster)
  })
  afterAll(async () => {
    await node[Symbol.asyncDispose]()
    await removeAll(cluster)
    expect(await node.docker.listContainers({ all: true, filters: { label: [`podbay.cluster=${cluster}`] } })).toEqual(
      [],
    )
    expect(await node.docker.listNetworks({ filters: { label: [`podbay.cluster=${cluster}`] } })).toEqual([])
  })

  for (const { name, run } of runtimeCases) {
    it(name, async () => {
      const command = (code?: number) =>
        code === undefined
          ? ['sh', '-c', 'trap exit TERM; while :; do sleep 60 & wait; done']
          : ['sh', '-c', `exit ${code}`]
      await run({ runtime: node.runtime, image: shell, command })
    })
  }

  describe('exec', () => {
    let id: string
    beforeAll(async () => {
      id = await runContainer(node, await runSandbox(node, 'exec'))
    })

    it('passes input, both outputs and the exit code', async () => {
      const script = 'cat; echo fault >&2; exit 7'
      expect(await execute(node, id, ['sh', '-c', script], 'typed')).toEqual({
        stdout: 'typed',
        stderr: 'fault\n',
        code: 7,
      })
    })

    it('says 126 or 127 and why for a command that is not there', async () => {
      const { stdout, code } = await execute(node, id, ['no-such-command'])
      expect(code).toBeGreaterThanOrEqual(126)
      expect(stdout).toContain('executable file not found')
    })

    it('carries megabytes both ways', async () => {
      const text = 'x'.repeat(3 << 20)
      expect((await execute(node, id, ['cat'], text)).stdout.length).toBe(text.length)
    })

    it('has a terminal of the size asked for', async () => {
      const options = {
        command: ['sh', '-c', 'read -r _; stty size'],
        stdin: true,
        stdout: true,
        stderr: true,
        tty: true,
      }
      await using session = await node.runtime.exec(id, options)
      await session.resize({ width: 101, height: 37 })
      await session.write(Buffer.from('\n'))
      let text = ''
      for await (const { data } of session.output) text += Buffer.from(data).toString()
      expect(text).toContain('37 101')
      expect(await session.exitCode).toBe(0)
    })

    it('ends when its container does, although its input is still open', async () => {
      const other = await runContainer(node, await runSandbox(node, 'exec-killed'))
      const options = { command: ['cat'], stdin: true, stdout: true, stderr: true, tty: false }
      await using session = await node.runtime.exec(other, options)
      const output = session.output[Symbol.asyncIterator]()
      await session.write(Buffer.from('hello'))
      await output.next()
      await node.runtime.stopContainer(other, 0)
      expect((await output.next()).done).toBe(true)
      expect(await session.exitCode).toBe(137)
    })

    it('ends the command when it is disposed', async () => {
      const options = { command: ['sleep', '4321'], stdin: false, stdout: true, stderr: true, tty: false }
      const session = await node.runtime.exec(id, options)
      await session[Symbol.asyncDispose]()
      expect(await session.exitCode).toBe(137)
      expect((await execute(node, id, ['sh', '-c', 'cat /proc/[0-9]*/cmdline'])).stdout).not.toContain('4321')
    })
  })

  it('keeps what a container wrote, by tail, size and time', async () => {
    const sandbox = await runSandbox(node, 'logs')
    const id = await runContainer(node, sandbox, { command: ['sh', '-c', 'echo one; echo two >&2; echo three'] })
    await ended(node, id)
    expect((await logsOf(node, id)).split('\n').sort()).toEqual(['', 'one', 'three', 'two'])
    expect(await logsOf(node, id, { tailLines: 1 })).toMatch(/^\w+\n$/)
    expect(await logsOf(node, id, { limitBytes: 5 })).toHaveLength(5)
    expect(await logsOf(node, id, { since: Date.now() + 60_000 })).toBe('')
    expect(await logsOf(node, id, { follow: true })).toContain('three')
  })

  it('gives a container more variables than an address can hold', async () => {
    const env = Array.from({ length: 11 }, (_, i) => ({ name: `V${i}`, value: '&'.repeat(100_000) }))
    const id = await runContainer(node, await runSandbox(node, 'variables'), {
      command: ['sh', '-c', 'cat /proc/$$/environ | wc -c'],
      env,
    })
    await ended(node, id)
    expect(Number(await logsOf(node, id))).toBeGreaterThan(1_100_000)
  })

  it('says why a container cannot start', async () => {
    const sandbox = await runSandbox(node, 'wrong')
    const id = await createContainer(node, sandbox, { command: ['/no/such/file'] })
    await expect(node.runtime.startContainer(id)).rejects.toMatchObject({
      reason: 'RunContainerError',
      message: expect.stringContaining('/no/such/file'),
    })
    expect(await node.runtime.inspectContainer(id)).toMatchObject({
      state: 'exited',
      reason: 'StartError',
      exitCode: 128,
    })
    await expect(
      createContainer(node, sandbox, { imageId: 'podbay.test/missing:1', attempt: 1 }),
    ).rejects.toMatchObject({ reason: 'CreateContainerError' })
  })

  it('reports a container that ran out of memory', async () => {
    const sandbox = await runSandbox(node, 'oom')
    const resources = { cpuShares: 2, cpuQuota: 0, memoryLimit: 16 << 20, oomScoreAdj: 1000 }
    const command = ['sh', '-c', 'exec tail /dev/zero']
    const id = await runContainer(node, sandbox, { command, resources })
    expect(await ended(node, id)).toMatchObject({ exitCode: 137, reason: 'OOMKilled' })
  })

  it('reads the termination message, or the end of the log if the policy says so', async () => {
    const volumes = createVolumeHost(node)
    const [hostPath = ''] = await volumes.files('message', [{ name: 'termination', text: '', mode: 0o666 }])
    const mounts = [{ containerPath: '/dev/termination-log', hostPath, readOnly: false }]
    const sandbox = await runSandbox(node, 'message')
    const written = await runContainer(node, sandbox, {
      mounts,
      command: ['sh', '-c', 'echo bye >/dev/termination-log'],
    })
    expect((await ended(node, written)).message).toBe('bye\n')
    const logged = await runContainer(node, sandbox, {
      attempt: 1,
      terminationMessagePolicy: 'FallbackToLogsOnError',
      command: ['sh', '-c', 'echo boom; exit 4'],
    })
    expect(await ended(node, logged)).toMatchObject({ exitCode: 4, reason: 'Error', message: 'boom\n' })
  })

  it('tells the images of the engine, the largest first', async () => {
    const { images = [] } = await node.runtime.info()
    expect(images.find(({ names }) => names.includes(shell))?.sizeBytes).toBeGreaterThan(0)
    expect(images.map(({ sizeBytes }) => sizeBytes)).toEqual(images.map(i => i.sizeBytes).sort((a, b) => b - a))
    expect(images.flatMap(({ names }) => names).join()).not.toContain('<none>')
  })

  it('gives a pod on the host network the namespace and address of the node', async () => {
    const sandbox = await runSandbox(node, 'hostnet', { hostNetwork: true })
    expect(sandbox.ip).toBe(await node.agent.address())
    const id = await runContainer(node, sandbox)
    expect((await execute(node, id, ['hostname', '-i'])).stdout.trim()).toBe(sandbox.ip)
  })

  it('gives pods with hostPID and hostIPC the namespaces of the node, which are not those of the engine', async () => {
    const namespaces = async (uid: string, change: Partial<SandboxConfig>) => {
      const id = await runContainer(node, await runSandbox(node, uid, change))
      const links = ['sh', '-c', 'for n in pid ipc; do readlink /proc/self/ns/$n; done']
      return (await execute(node, id, links)).stdout.trim().split('\n')
    }
    const [pid, ipc] = await namespaces('in-node', { hostPID: true, hostIPC: true })
    expect(await namespaces('in-node-too', { hostPID: true, hostIPC: true })).toEqual([pid, ipc])
    const own = await namespaces('alone', {})
    expect(own[0]).not.toBe(pid)
    expect(own[1]).not.toBe(ipc)
    expect((await node.agent.mustRun('readlink /proc/self/ns/ipc')).trim()).toBe(ipc)
    expect((await node.agent.mustRun('readlink /proc/self/ns/pid')).trim()).not.toBe(pid)
  })

  it('a sandbox on the network of an agent that is no more is not ready', async () => {
    await using other = await createTestNode(cluster)
    const sandbox = await runSandbox(other, 'left', { hostNetwork: true })
    await other.docker.getContainer(await other.agent.containerId()).remove({ force: true })
    await eventually(async () => {
      const { sandboxes } = await other.runtime.list()
      expect(sandboxes.find(({ id }) => id === sandbox.id)).toMatchObject({ state: 'notready', ip: '' })
    }, 20_000)
  })

  it('finds everything again after a restart of the engine, agent included', async () => {
    const sandbox = await runSandbox(node, 'adopted')
    const id = await runContainer(node, sandbox, { attempt: 2 })
    const [agent, before] = [await node.agent.containerId(), await node.runtime.inspectContainer(id)]
    await using again = await createTestNode(cluster)
    const { sandboxes, containers } = await again.runtime.list()
    expect(sandboxes).toContainEqual(sandbox)
    expect(containers.find(c => c.id === id)).toEqual(before)
    expect(await again.agent.containerId()).toBe(agent)
    expect((await runSandbox(again, 'adopted')).id).toBe(sandbox.id)
  })

  it('makes the agent again when somebody removed it', async () => {
    await using other = await createTestNode(cluster)
    const agent = await other.agent.containerId()
    await other.docker.getContainer(agent).remove({ force: true })
    // Whether this script still meets the old connection is a race; the next one must not.
    await other.agent.run('true').catch(() => undefined)
    expect(await other.agent.mustRun('echo back')).toBe('back\n')
    expect(await other.agent.containerId()).not.toBe(agent)
  })

  it('makes a node agent anew that was made with other settings, and no other', async () => {
    const { docker, owner, agent } = node
    const before = await docker.getContainer(await agent.containerId()).inspect()
    const adopting = await createTestNode(cluster)
    expect(await adopting.agent.containerId()).toBe(before.Id)
    await adopting[Symbol.asyncDispose]()

    await docker.getContainer(before.Id).remove({ force: true })
    const { 'podbay.agent.hash': _, ...Labels } = before.Config.Labels
    const { Image } = before.Config
    const name = before.Name.slice(1)
    const NetworkMode = (await node.network()).name
    const old = await docker.createContainer({ name, Image, Labels, HostConfig: { NetworkMode } })
    await old.start()
    await using later = await createTestNode(owner.cluster)
    const now = await docker.getContainer(await later.agent.containerId()).inspect()
    expect(now.Id).not.toBe(old.id)
    expect(now.HostConfig).toMatchObject({ IpcMode: 'shareable', PidMode: 'host' })
  })
})
