import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importImage } from '../../../main/kubelet/docker/import-image.ts'
import { pauseExecutable } from '../../../main/kubelet/docker/pause-image.ts'
import { containerConfig } from '../../../main/kubelet/pod/pod.fixture.ts'
import { tarOf } from '../../../main/kubelet/docker/tar.ts'
import { withoutDocker } from '../../helpers/docker.ts'
import { digestOf, listType, manifestType, startRegistry, type Registry } from '../../helpers/registry.ts'
import {
  clusterName,
  createContainer,
  createTestNode,
  ended,
  execute,
  removeAll,
  runContainer,
  runSandbox,
  type TestNode,
  useTestNode,
} from './node.ts'

const cluster = clusterName('bad-images')
describe.skipIf(withoutDocker)('images that nobody can run', () => {
  let node: TestNode
  let registry: Registry
  let locked: Registry
  const made: string[] = []
  beforeAll(async () => {
    registry = await startRegistry()
    locked = await startRegistry({ login: { username: 'somebody', password: 'else' } })
    const config = {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      ...registry.blob(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers' } }))),
    }
    const layer = registry.blob(gzipSync(cluster), digestOf(Buffer.from('what was promised')))
    const layers = [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...layer }]
    const corrupt = registry.manifest('corrupt:1', manifestType, { config, layers })
    const platform = { architecture: 's390x', os: 'linux' }
    registry.manifest('foreign:1', listType, { manifests: [{ mediaType: manifestType, ...corrupt, platform }] })
    node = await createTestNode(cluster)
  })
  afterAll(async () => {
    await node[Symbol.asyncDispose]()
    await removeAll(cluster)
    await Promise.all(made.map(name => node.docker.getImage(name).remove({ force: true })))
    registry[Symbol.dispose]()
    locked[Symbol.dispose]()
  })

  /** The id of an image of one file, `/app`, which is its entrypoint. */
  async function imageOf(name: string, data: Buffer): Promise<string> {
    const reference = `podbay.test/${name}-${process.pid}:1`
    const file = await tarOf([{ path: 'app', data, mode: 0o755 }])
    await importImage(node.docker, { reference, file: () => file, changes: ['ENTRYPOINT ["/app"]'] })
    made.push(reference)
    return (await node.runtime.image(reference))?.id ?? ''
  }
  const alone = { command: [], mounts: [] }

  it.each([
    ['is not there', 'missing', 'manifest unknown'],
    ['is kept from us', 'locked', 'no basic auth credentials'],
    ['is not for this machine', 'foreign', 'no matching manifest for linux/'],
    ['is not what its digest promised', 'corrupt', 'verification failed for digest'],
  ])('one that %s is told of in the words of the registry', async (_, name, message) => {
    const reference = `${(name === 'locked' ? locked : registry).host}/${name}:1`
    const pull = node.runtime.pullImage(reference, {
      onProgress: () => undefined,
      signal: new AbortController().signal,
    })
    await expect(pull).rejects.toMatchObject({ reason: 'ErrImagePull', message: expect.stringContaining(message) })
  })

  it('one whose name the engine does not take is no sign of an engine that is away', async () => {
    await expect(node.runtime.image('podbay.test/UPPER:1')).rejects.toMatchObject({ reason: 'ImageInspectError' })
  })

  it.each([
    ['for another architecture', () => pauseExecutable(process.arch === 'arm64' ? 'x86_64' : 'aarch64')],
    ['of no executable', () => Buffer.from('neither a script nor a program')],
  ])('one %s ends as soon as it is started', async (name, data) => {
    const sandbox = await runSandbox(node, `exec-format-${name.length}`)
    const id = await createContainer(node, sandbox, { ...alone, imageId: await imageOf(`b${name.length}`, data()) })
    // Some engines notice before the start and say so, others leave it to the process.
    const refusal = await node.runtime.startContainer(id).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (refusal !== undefined) expect(refusal).toMatchObject({ reason: 'RunContainerError' })
    const { reason, exitCode } = await ended(node, id)
    expect(['Error', 'StartError']).toContain(reason)
    expect(exitCode).toBeGreaterThan(0)
  })

  it('one without a shell runs, and says what a command lacks', async () => {
    const { architecture } = await node.runtime.info()
    const imageId = await imageOf('no-shell', pauseExecutable(architecture))
    const id = await runContainer(node, await runSandbox(node, 'no-shell'), { ...alone, imageId })
    const { stdout, code } = await execute(node, id, ['sh', '-c', 'true'])
    expect(code).toBeGreaterThanOrEqual(126)
    expect(stdout).toContain('executable file not found')
  })
})

describe.skipIf(withoutDocker)('containers that behave badly', () => {
  const node = useTestNode(`${cluster}-run`)

  it('one may be left unfiltered, or see all of /proc', async () => {
    const sandbox = await runSandbox(node, 'profiles')
    const seen = async (attempt: number, change: Partial<typeof containerConfig.security>) => {
      const security = { ...containerConfig.security, ...change }
      const id = await runContainer(node, sandbox, { attempt, security })
      const script = 'grep ^Seccomp: /proc/self/status; grep -q /proc/ /proc/mounts || echo all'
      return (await execute(node, id, ['sh', '-c', script])).stdout.replaceAll(/\s/g, '')
    }
    expect(await seen(0, {})).toBe('Seccomp:2')
    expect(await seen(1, { seccomp: false, unmasked: true })).toBe('Seccomp:0all')
  })

  it('one that ignores SIGTERM is killed when its grace period is over', async () => {
    const command = ['sh', '-c', "trap '' TERM; echo ready; while :; do sleep 1; done"]
    const id = await runContainer(node, await runSandbox(node, 'stubborn'), { command })
    await execute(node, id, ['true'])
    await node.runtime.stopContainer(id, 1)
    expect(await ended(node, id)).toMatchObject({ exitCode: 137, reason: 'Error' })
  })

  it('one that forks without end gets no more processes than its limit', async () => {
    const script = 'i=0; while sleep 300 & do i=$((i+1)); [ $i -lt 200 ] || exit 7; done'
    const id = await runContainer(node, await runSandbox(node, 'bomb'), {
      command: ['sh', '-c', script],
      processes: 100,
    })
    expect(await ended(node, id)).toMatchObject({ exitCode: 2 })
  })

  it('one with more environment than a process may have is told so', async () => {
    const env = [{ name: 'LARGE', value: 'x'.repeat(2 ** 20) }]
    const sandbox = await runSandbox(node, 'large')
    const id = await createContainer(node, sandbox, { env })
    const started = node.runtime.startContainer(id)
    await started.catch((error: unknown) => expect(error).toMatchObject({ reason: 'RunContainerError' }))
    expect((await ended(node, id)).exitCode).toBeGreaterThan(0)
  })
})
