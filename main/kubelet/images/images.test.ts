import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import type { Secret } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { RuntimeFault, type Image, type PullOptions } from '../runtime.ts'
import { defaultImageSettings, type ImageSettings } from './image-settings.ts'
import { createImages } from './images.ts'
import { createPullRecords, type RecordFile } from './pull-records.ts'

const privateImage = 'example.com/private:1'
const publicImage = 'example.com/public:1'

const login = (name: string, password: string): Secret => ({
  metadata: { namespace: 'default', name, uid: name },
  type: 'kubernetes.io/dockerconfigjson',
  data: {
    '.dockerconfigjson': Buffer.from(
      JSON.stringify({ auths: { 'example.com': { username: 'me', password } } }),
    ).toString('base64'),
  },
})

/** A node whose registry gives its private images to whoever knows the password. */
function aNode(settings: Partial<ImageSettings> = {}) {
  const clock = createFakeClock()
  const engine = new Map<string, Image>()
  const registry = { password: 'right', fault: undefined as RuntimeFault | undefined, pulls: 0 }
  const secrets = new Map<string, Secret>()
  const events: string[] = []
  let text: string | undefined
  const file: RecordFile = {
    read: async () => text,
    async write(fresh) {
      text = fresh
    },
  }
  const imageOf = (name: string): Image => ({ id: `sha256:${name}`, digests: [], size: 7, user: '' })
  const runtime = {
    image: async (name: string) => engine.get(name),
    images: async () => [...engine].map(([tag, { id }]) => ({ id, tags: [tag], digests: [], size: 7, used: false })),
    async pullImage(name: string, { auth }: PullOptions) {
      registry.pulls++
      if (registry.fault) throw registry.fault
      if (name.includes('private') && auth?.password !== registry.password)
        throw new RuntimeFault('ErrImagePull', `unauthorized: ${auth?.password ?? 'nobody'}`)
      engine.set(name, imageOf(name))
      return imageOf(name)
    },
  }
  const start = () =>
    createImages({
      runtime,
      read: {
        find: async <T extends KubeObject>(_: unknown, { name }: { name: string }) =>
          secrets.get(name) as T | undefined,
      },
      recorder: { event: (_, __, reason, message) => events.push(`${reason}: ${message}`) },
      records: createPullRecords({ file, clock, log: silent }),
      settings: { ...defaultImageSettings, ...settings },
      changed: () => events.push('changed'),
      clock,
    })
  let images = start()
  return {
    clock,
    engine,
    registry,
    secrets,
    events,
    imageOf,
    restart() {
      images = start()
    },
    /** Asks for an image as a pod with these Secrets does. */
    ensure(
      image: string,
      { names = [], policy = 'IfNotPresent', uid = 'u1' }: { names?: string[]; policy?: string; uid?: string } = {},
    ) {
      const pod = aPod({ imagePullSecrets: names.map(name => ({ name })) })
      const options = { onProgress: () => undefined, signal: new AbortController().signal }
      return images.ensure({ ...pod, metadata: { ...pod.metadata, uid } }, { image, imagePullPolicy: policy }, options)
    },
  }
}

describe('images', () => {
  it('are pulled once, and then are there', async () => {
    const node = aNode()
    await node.ensure(publicImage)
    await node.ensure(publicImage)
    expect(node.registry.pulls).toBe(1)
    expect(node.events).toEqual([
      `Pulling: Pulling image "${publicImage}"`,
      'changed',
      `Pulled: Successfully pulled image "${publicImage}" in 0s (0s including waiting). Image size: 7 bytes.`,
      `Pulled: Container image "${publicImage}" already present on machine and can be accessed by the pod`,
    ])
  })

  it('are pulled each time where the policy says so', async () => {
    const node = aNode()
    await node.ensure(publicImage, { policy: 'Always' })
    await node.ensure(publicImage, { policy: 'Always' })
    expect(node.registry.pulls).toBe(2)
  })

  it('are not pulled where the policy is Never', async () => {
    const node = aNode()
    const message = `Container image "${publicImage}" is not present with pull policy of Never`
    await expect(node.ensure(publicImage, { policy: 'Never' })).rejects.toMatchObject({
      reason: 'ErrImageNeverPull',
      message,
    })
    expect(node.events).toEqual([`ErrImageNeverPull: ${message}`])
  })

  it('have names', async () => {
    const node = aNode()
    await expect(node.ensure('Bad')).rejects.toMatchObject({
      reason: 'InvalidImageName',
      message:
        'Failed to apply default image tag "Bad": couldn\'t parse image name "Bad": invalid reference format: repository name (library/Bad) must be lowercase',
    })
    expect(node.events[0]).toMatch(/^InspectFailed: /)
  })

  it('that fail are held back, longer each time, and say why', async () => {
    const node = aNode()
    node.registry.fault = new RuntimeFault('ErrImagePull', 'manifest unknown')
    const pull = () => node.ensure(publicImage)
    await expect(pull()).rejects.toMatchObject({ reason: 'ErrImagePull', message: 'manifest unknown' })
    const message = `Back-off pulling image "${publicImage}": ErrImagePull: manifest unknown`
    await expect(pull()).rejects.toMatchObject({ reason: 'ImagePullBackOff', message, retryAfter: 10_000 })
    await node.clock.advance(10_000)
    await expect(pull()).rejects.toMatchObject({ reason: 'ErrImagePull' })
    await expect(pull()).rejects.toMatchObject({ reason: 'ImagePullBackOff', retryAfter: 20_000 })
    expect(node.registry.pulls).toBe(2)
    expect(node.events.slice(0, 3)).toEqual([
      `Pulling: Pulling image "${publicImage}"`,
      `Failed: Failed to pull image "${publicImage}": manifest unknown`,
      `BackOff: Back-off pulling image "${publicImage}"`,
    ])
  })

  it('of a registry that is out of order say so', async () => {
    const node = aNode()
    node.registry.fault = new RuntimeFault('RegistryUnavailable', '503')
    await expect(node.ensure(publicImage)).rejects.toMatchObject({
      reason: 'RegistryUnavailable',
      message: `image pull failed for ${publicImage} because the registry is unavailable: 503`,
    })
    expect(node.events).toContain(`Failed: Failed to pull image "${publicImage}": RegistryUnavailable: 503`)
    const message = expect.stringContaining(': RegistryUnavailable: image pull failed for') as string
    await expect(node.ensure(publicImage)).rejects.toMatchObject({ reason: 'ImagePullBackOff', message })
  })

  it('asked for too often at once are refused', async () => {
    const node = aNode({ registryPullQPS: 1, registryBurst: 1 })
    await node.ensure(publicImage)
    await expect(node.ensure('example.com/other:1')).rejects.toMatchObject({
      reason: 'ErrImagePull',
      message: 'pull QPS exceeded',
    })
  })
})

describe('private images', () => {
  const asked = { names: ['good'] }
  function withSecrets(settings: Partial<ImageSettings> = {}) {
    const node = aNode(settings)
    node.secrets.set('good', login('good', 'right'))
    node.secrets.set('bad', login('bad', 'wrong'))
    return node
  }

  it('are pulled with the first credentials that fit, and missing Secrets are told of', async () => {
    const node = withSecrets()
    await node.ensure(privateImage, { names: ['gone', 'bad', 'good'] })
    expect(node.registry.pulls).toBe(2)
    expect(node.events).toContain(
      'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (gone); attempting to pull the image may not succeed.',
    )
  })

  it('say what each of the credentials met', async () => {
    const node = withSecrets()
    node.secrets.set('worse', login('worse', 'none'))
    const message = '[unauthorized: wrong, unauthorized: none]'
    await expect(node.ensure(privateImage, { names: ['bad', 'worse'] })).rejects.toMatchObject({ message })
  })

  it('are kept from pods without the credentials, also after a restart', async () => {
    const node = withSecrets()
    await node.ensure(privateImage, asked)
    node.restart()
    await node.ensure(privateImage, asked)
    expect(node.registry.pulls).toBe(1)
    await expect(node.ensure(privateImage, { uid: 'u2' })).rejects.toMatchObject({ message: 'unauthorized: nobody' })
    await expect(node.ensure(privateImage, { uid: 'u2', policy: 'Never' })).rejects.toMatchObject({
      reason: 'ErrImageNeverPull',
      message: `Container image "${privateImage}" is not present with pull policy of Never`,
    })
  })

  it('are for equal credentials of another Secret, and for a Secret that was changed', async () => {
    const node = withSecrets()
    node.secrets.set('copy', login('copy', 'right'))
    await node.ensure(privateImage, asked)
    await node.ensure(privateImage, { names: ['copy'] })
    node.secrets.set('copy', login('copy', 'renewed'))
    node.registry.password = 'renewed'
    await node.ensure(privateImage, { names: ['copy'] })
    expect(node.registry.pulls).toBe(1)
  })

  it('that the engine had before are for all, unless all must show their credentials', async () => {
    for (const [policy, pulls] of [
      ['NeverVerifyPreloadedImages', 0],
      ['AlwaysVerify', 1],
    ] as const) {
      const node = withSecrets({ imagePullCredentialsVerificationPolicy: policy })
      node.engine.set(privateImage, node.imageOf(privateImage))
      await node.ensure(privateImage, asked)
      expect(node.registry.pulls).toBe(pulls)
    }
  })

  it('are for all where nobody checks, or they are on the list', async () => {
    for (const settings of [
      { imagePullCredentialsVerificationPolicy: 'NeverVerify' },
      {
        imagePullCredentialsVerificationPolicy: 'NeverVerifyAllowlistedImages',
        preloadedImagesVerificationAllowlist: ['example.com/*'],
      },
      {
        imagePullCredentialsVerificationPolicy: 'NeverVerifyAllowlistedImages',
        preloadedImagesVerificationAllowlist: ['example.com/private'],
      },
    ] satisfies Partial<ImageSettings>[]) {
      const node = withSecrets(settings)
      await node.ensure(privateImage, asked)
      await node.ensure(privateImage)
      expect(node.registry.pulls).toBe(1)
    }
  })

  it('are for all once somebody could pull them without credentials', async () => {
    const node = withSecrets()
    await node.ensure(publicImage, asked)
    await node.ensure(publicImage, { policy: 'Always' })
    await node.ensure(publicImage)
    expect(node.registry.pulls).toBe(2)
  })
})
