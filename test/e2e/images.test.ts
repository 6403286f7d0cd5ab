import Docker from 'dockerode'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Node, Pod } from '../../shared/api/core.ts'
import { useCluster } from '../helpers/cluster.ts'
import { withoutDocker } from '../helpers/docker.ts'
import { eventually } from '../helpers/eventually.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'

describe.skipIf(withoutDocker)(`images ${withoutDocker}`, () => {
  const docker = new Docker()
  const login = { username: 'me', password: 'not for everybody' }
  let registry: Registry
  let locked: Registry
  const configuration = join(tmpdir(), `podbay-images-${process.pid}.json`)
  // Hooks run in reverse order: no container needs the images any more.
  afterAll(async () => {
    for (const { host, [Symbol.dispose]: end } of [registry, locked]) {
      end()
      const images = await docker.listImages({ filters: { reference: [`${host}/*`] } })
      await Promise.all(images.map(({ Id }) => docker.getImage(Id).remove({ force: true })))
    }
    rmSync(configuration)
  })
  const cluster = useCluster('images', {
    flags: ['--kubelet-config', configuration],
    async prepare() {
      // An engine may have many images that are larger than those of the test.
      const nodeStatusMaxImages = -1
      const kind = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' }
      writeFileSync(configuration, JSON.stringify({ ...kind, nodeStatusMaxImages, serializeImagePulls: false }))
      registry = await startRegistry()
      locked = await startRegistry({ login })
    },
  })
  const named = (name: string) => `${registry.host}/${name}`

  /** A pod of one container, without a shell. */
  const pod = (
    name: string,
    image: string,
    { spec = {}, container = {} }: { spec?: object; container?: object } = {},
  ) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image, ...container }], ...spec },
  })
  const statusOf = async (name: string) => (await cluster.read<Pod>('pod', name)).status?.containerStatuses?.[0]
  const waits = (name: string, ...reasons: string[]) =>
    eventually(async () => {
      const waiting = (await statusOf(name))?.state?.waiting
      expect(reasons).toContain(waiting?.reason)
      return waiting?.message ?? ''
    })
  const eventsOf = (name: string) =>
    cluster.kubectl.ok([
      'get',
      'events',
      '--field-selector',
      `involvedObject.name=${name}`,
      '-o',
      'custom-columns=R:.reason,M:.message',
    ])

  it('come from registries, for the machine’s own architecture, and are shown by their digests', async () => {
    const plain = await registry.image('plain:1')
    const list = await registry.image('list:1', ['s390x'])
    await cluster.apply(pod('plain', named('plain:1')))
    await cluster.apply(pod('list', named('list:1')))
    await cluster.apply(pod('digest', named(`plain@${plain}`)))
    await cluster.apply(pod('both', named(`plain:1@${plain}`)))
    await cluster.ready('plain', 'list', 'digest', 'both')
    expect(await statusOf('plain')).toMatchObject({ image: named('plain:1'), imageID: named(`plain@${plain}`) })
    expect(await statusOf('list')).toMatchObject({ imageID: named(`list@${list}`) })
    expect(await statusOf('digest')).toMatchObject({ imageID: named(`plain@${plain}`) })
    expect(await statusOf('both')).toMatchObject({ image: named(`plain:1@${plain}`), imageID: named(`plain@${plain}`) })
    expect(await eventsOf('plain')).toMatch(
      /Successfully pulled image ".*" in .* \(.* including waiting\)\. Image size: \d+ bytes\./,
    )
    // The node tells of them as soon as they are there.
    await eventually(async () => {
      const { images = [] } = (await cluster.read<Node>('node', cluster.node)).status ?? {}
      expect(images.flatMap(({ names }) => names)).toContain(named('plain:1'))
    })
  })

  it('that are private are for those who have a credential that pulls them', async () => {
    await locked.image('app:1')
    await cluster.kubectl.ok([
      ...['create', 'secret', 'docker-registry', 'pull', `--docker-server=http://${locked.host}/v1/`],
      ...[`--docker-username=${login.username}`, `--docker-password=${login.password}`],
    ])
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'puller' },
      imagePullSecrets: [{ name: 'pull' }],
    })
    const image = `${locked.host}/app:1`
    await cluster.apply(pod('nobody', image))
    expect(await waits('nobody', 'ErrImagePull', 'ImagePullBackOff')).toContain('no basic auth credentials')
    await cluster.apply(pod('holder', image, { spec: { imagePullSecrets: [{ name: 'gone' }, { name: 'pull' }] } }))
    await cluster.apply(pod('account', image, { spec: { serviceAccountName: 'puller' } }))
    await cluster.ready('holder', 'account')
    expect(await eventsOf('holder')).toContain('Unable to retrieve some image pull secrets (gone)')

    // It is on the engine now, and still not for everybody.
    await cluster.apply(pod('thief', image, { container: { imagePullPolicy: 'Never' } }))
    expect(await waits('thief', 'ErrImageNeverPull')).toBe(
      `Container image "${image}" is not present with pull policy of Never`,
    )
    await cluster.apply(pod('other', image))
    expect(await waits('other', 'ErrImagePull', 'ImagePullBackOff')).toContain('no basic auth credentials')
    const records = readFileSync(join(cluster.dataDir, 'pulled-images.json'), 'utf8')
    expect(records).toContain('"name":"pull"')
    expect(records).not.toContain(login.password)
  })

  it('that can not be had say why, in the words of Kubernetes and of the registry', async () => {
    await cluster.apply(pod('missing', named('missing:1')))
    await cluster.apply(pod('invalid', 'UPPER'))
    await cluster.apply(pod('never', named('never:1'), { container: { imagePullPolicy: 'Never' } }))
    expect(await waits('missing', 'ImagePullBackOff')).toMatch(
      /^Back-off pulling image ".*\/missing:1": ErrImagePull: .*manifest unknown/,
    )
    expect(await waits('invalid', 'InvalidImageName')).toBe(
      'Failed to apply default image tag "UPPER": couldn\'t parse image name "UPPER": invalid reference format: repository name (library/UPPER) must be lowercase',
    )
    await waits('never', 'ErrImageNeverPull')
    registry.fault = 503
    await cluster.apply(pod('broken', named('broken:1')))
    expect(await waits('broken', 'RegistryUnavailable', 'ImagePullBackOff')).toContain(
      `image pull failed for ${named('broken:1')} because the registry is unavailable: `,
    )
    delete registry.fault
    const events = await eventsOf('missing')
    for (const text of ['Pulling image', 'Failed to pull image', 'Error: ErrImagePull', 'Back-off pulling image'])
      expect(events).toContain(text)
  })
})
