import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importImage } from '../../../main/kubelet/docker/import-image.ts'
import { pauseExecutable } from '../../../main/kubelet/docker/pause-image.ts'
import { containerConfig } from '../../../main/kubelet/pod.fixture.ts'
import { tarOf } from '../../../main/kubelet/docker/tar.ts'
import { withoutDocker } from '../../helpers/docker.ts'
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
} from './node.ts'

const cluster = clusterName('bad-images')
const digestOf = (data: Buffer) => `sha256:${createHash('sha256').update(data).digest('hex')}`
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

const v2 = 'application/vnd.docker.distribution.manifest.v2+json'
const list = 'application/vnd.docker.distribution.manifest.list.v2+json'
const config = json({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [] } })
const layer = gzipSync(cluster)
const manifests: Record<string, { type: string; body: Buffer }> = {
  corrupt: {
    type: v2,
    body: json({
      schemaVersion: 2,
      mediaType: v2,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...described(config) },
      layers: [
        {
          mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
          size: layer.length,
          digest: digestOf(Buffer.from('what was promised')),
        },
      ],
    }),
  },
  foreign: {
    type: list,
    body: json({
      schemaVersion: 2,
      mediaType: list,
      manifests: [{ mediaType: v2, ...described(config), platform: { architecture: 's390x', os: 'linux' } }],
    }),
  },
}

function described(data: Buffer) {
  return { size: data.length, digest: digestOf(data) }
}

/** A registry of images that nobody can run. */
async function startRegistry(): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const [, name = '', kind = '', reference = ''] = /^\/v2\/(\w+)\/(\w+)\/(.*)$/.exec(url) ?? []
    const manifest = kind === 'manifests' ? manifests[name] : undefined
    const blob = reference === digestOf(config) ? config : layer
    const errors = (status: number, code: string) => {
      response.statusCode = status
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replace('_', ' ') }] }))
    }
    if (url === '/v2/') response.end('{}')
    else if (name === 'private') errors(401, 'UNAUTHORIZED')
    else if (manifest) {
      response.setHeader('content-type', manifest.type)
      response.setHeader('docker-content-digest', digestOf(manifest.body))
      response.setHeader('content-length', manifest.body.length)
      response.end(manifest.body)
    } else if (kind === 'blobs') response.end(blob)
    else errors(404, 'MANIFEST_UNKNOWN')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

describe.skipIf(withoutDocker)('images that nobody can run', () => {
  let node: TestNode
  let registry: Server
  const made: string[] = []
  beforeAll(async () => {
    registry = await startRegistry()
    node = await createTestNode(cluster)
  })
  afterAll(async () => {
    await node[Symbol.asyncDispose]()
    await removeAll(cluster)
    await Promise.all(made.map(name => node.docker.getImage(name).remove({ force: true })))
    registry.close()
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
    ['is kept from us', 'private', 'unauthorized'],
    ['is not for this machine', 'foreign', 'no matching manifest for linux/'],
    ['is not what its digest promised', 'corrupt', 'verification failed for digest'],
  ])('one that %s is told of in the words of the registry', async (_, name, message) => {
    const reference = `127.0.0.1:${(registry.address() as AddressInfo).port}/${name}:1`
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
  let node: TestNode
  beforeAll(async () => {
    node = await createTestNode(`${cluster}-run`)
  })
  afterAll(async () => {
    await node[Symbol.asyncDispose]()
    await removeAll(`${cluster}-run`)
  })

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
    const script = 'i=0; while sleep 300 & do i=$((i+1)); [ $i -lt 5000 ] || exit 7; done'
    const id = await runContainer(node, await runSandbox(node, 'bomb'), { command: ['sh', '-c', script] })
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
