import { describe, expect, it } from 'vitest'
import type { Pod, PodSpec } from '../../../shared/api/core.ts'
import type { KubeObject, ObjectKey } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import { createClient } from '../../../shared/client/create-client.ts'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import type { VolumeHost } from '../host.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { createVolumes } from './volumes.ts'

/** A host that remembers what was written where, and how often. */
function memoryHost() {
  const files = new Map<
    string,
    { text: Record<string, string>; secret: boolean; writes: number; group?: number; nested?: readonly string[] }
  >()
  const directories = new Map<string, object>()
  const host: VolumeHost = {
    async directory(uid, volume, options) {
      directories.set(volume, options)
      return `/pods/${uid}/${volume}`
    },
    async project(uid, volume, written, { secret, group, nested = [] }) {
      const text = Object.fromEntries(
        written.map(f => [[f.path, f.mode.toString(8), f.user].join(' ').trim(), Buffer.from(f.data).toString()]),
      )
      const writes = (files.get(volume)?.writes ?? 0) + 1
      files.set(volume, {
        text,
        secret,
        writes,
        ...(group !== undefined && { group }),
        ...(nested.length > 0 && { nested }),
      })
      return `/pods/${uid}/${volume}`
    },
    hostPath: async path => path,
    async localPath(path, { bound }) {
      if (bound) directories.set(bound.volume, bound)
      return bound ? `/pods/${bound.podUid}/${bound.volume}` : path
    },
    async nfs(uid, volume, source) {
      directories.set(volume, source)
      return `/pods/${uid}/${volume}`
    },
    image: async (uid, volume) => `/pods/${uid}/${volume}`,
    subPath: async (path, below) => `${path}/${below}`,
    files: async (uid, written) => written.map(({ name }) => `/pods/${uid}/${name}`),
    read: async () => new Uint8Array(),
    usage: async () => new Map(),
    async removePod() {},
    pods: async () => [],
  }
  return { host, files, directories }
}

function setUp() {
  const clock = createFakeClock()
  const objects: Record<string, object> = {
    'configmaps/default/settings': { data: { a: '1', b: '2' }, binaryData: { c: Buffer.from('3').toString('base64') } },
    'secrets/default/login': { data: { user: Buffer.from('me').toString('base64') } },
  }
  const requested: unknown[] = []
  const outage = { on: false }
  const client = createClient({
    async request<T>({ path, body }: { path: string; body?: unknown }) {
      if (outage.on) throw new Error('no connection')
      requested.push({ path, body })
      const expirationTimestamp = new Date(clock.now() + 3_600_000).toISOString()
      return { status: { token: `token-${requested.length}`, expirationTimestamp } } as T
    },
    async *watch() {},
    async *bytes() {},
  })
  const read = {
    find: async <T extends KubeObject>({ resource }: ResourceRef<T>, { namespace, name }: ObjectKey) =>
      objects[`${resource}/${namespace}/${name}`] as T | undefined,
  }
  const facts = { ip: '', hostIP: '', nodeName: 'n1', allocatable: { cpu: '4', memory: '1Gi' } }
  const memory = memoryHost()
  const volumes = createVolumes(memory.host)
  const mount = (pod: Pod) => volumes.mount(pod, { clock, client, read, facts })
  return { ...memory, clock, objects, requested, outage, mount, volumes }
}

const withVolume = (volume: object, spec: Partial<PodSpec> = {}) =>
  aPod({ ...spec, volumes: [{ name: 'v', ...volume }] })

describe('volumes', () => {
  it.each([
    [{ configMap: { name: 'settings' } }, { 'a 644': '1', 'b 644': '2', 'c 644': '3' }, false],
    [
      {
        configMap: {
          name: 'settings',
          defaultMode: 0o400,
          items: [
            { key: 'a', path: 'x/y', mode: 0o600 },
            { key: 'b', path: 'z' },
          ],
        },
      },
      { 'x/y 600': '1', 'z 400': '2' },
      false,
    ],
    [{ configMap: { name: 'gone', optional: true } }, {}, false],
    [{ secret: { secretName: 'login' } }, { 'user 644': 'me' }, true],
    [
      { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      { 'name 644': 'web' },
      false,
    ],
    [
      {
        projected: {
          sources: [
            { configMap: { name: 'settings', items: [{ key: 'a', path: 'a' }] } },
            { secret: { name: 'login' } },
            { serviceAccountToken: { path: 'token' } },
          ],
        },
      },
      { 'a 644': '1', 'user 644': 'me', 'token 644': 'token-1' },
      true,
    ],
  ])('writes the files of %j', async (source, text, secret) => {
    const { mount, files } = setUp()
    expect((await mount(withVolume(source))).paths).toEqual(new Map([['v', '/pods/u1/v']]))
    expect(files.get('v')).toEqual({ text, secret, writes: 1 })
  })

  it.each([
    [{ configMap: { name: 'gone' } }, 'configmap "gone" not found'],
    [{ secret: { secretName: 'gone' } }, 'secret "gone" not found'],
    [{ configMap: { name: 'settings', items: [{ key: 'no', path: 'x' }] } }, 'references non-existent config key: no'],
    [{ secret: { secretName: 'login', items: [{ key: 'no', path: 'x' }] } }, 'references non-existent secret key: no'],
    [
      { projected: { sources: [{ secret: { name: 'a' } }, { configMap: { name: 'b' } }, { secret: { name: 'a' } }] } },
      '[secret "a" not found, configmap "b" not found]',
    ],
    [{ emptyDir: { medium: 'HugePages-2Mi' } }, 'medium HugePages-2Mi: huge pages are not supported'],
    [
      { awsElasticBlockStore: { volumeID: 'v' } },
      'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name ebs.csi.aws.com not',
    ],
    [{ iscsi: { targetPortal: 't', iqn: 'i', lun: 0 } }, 'volumes of type iscsi are not supported'],
  ])('says why %j can not be mounted', async (source, why) => {
    const { mount } = setUp()
    await expect(mount(withVolume(source))).rejects.toThrow(`MountVolume.SetUp failed for volume "v" : ${why}`)
  })

  it('says so of each volume that can not be mounted, in the words of v1.36', async () => {
    const { mount } = setUp()
    const rbd = { name: 'block', rbd: { monitors: ['m'], image: 'i' } }
    const pod = aPod({ volumes: [{ name: 'gone', configMap: { name: 'gone' } }, rbd] })
    await expect(mount(pod)).rejects.toMatchObject({
      texts: [
        'MountVolume.SetUp failed for volume "gone" : configmap "gone" not found',
        'Unable to attach or mount volumes: unmounted volumes=[block], unattached volumes=[], failed to process volumes=[block]: failed to get Plugin from volumeSpec for volume "block" err=no volume plugin matched',
      ],
    })
  })

  it('keeps what a running pod has when its ConfigMap is deleted, and says so', async () => {
    const { mount, objects, volumes } = setUp()
    const pod = withVolume({ configMap: { name: 'settings' } })
    await mount(pod)
    delete objects['configmaps/default/settings']
    const { paths, stale } = await mount(pod)
    expect([...paths.keys()]).toEqual(['v'])
    expect(stale).toEqual(['MountVolume.SetUp failed for volume "v" : configmap "settings" not found'])
    volumes.recheck()
    await expect(mount(pod)).rejects.toThrow('configmap "settings" not found')
  })

  it('mounts NFS exports, and images nowhere', async () => {
    const { mount, directories } = setUp()
    const nfs = { server: 'files.example.com', path: '/export', readOnly: true }
    const { paths } = await mount(
      aPod({
        volumes: [
          { name: 'nfs', nfs },
          { name: 'i', image: { reference: 'a:1' } },
        ],
      }),
    )
    expect(directories.get('nfs')).toEqual({ ...nfs, options: ['ro'] })
    expect([...paths.keys()]).toEqual(['nfs'])
  })

  it('makes room for volumes that are mounted inside of others', async () => {
    const { mount, files } = setUp()
    const places = ['/etc/app', '/etc/app/tmp', '/etc/app/tmp/deep', '/etc/application', '/etc/app/a/b']
    const volumeMounts = places.map((mountPath, i) => ({ name: i === 0 ? 'v' : 'other', mountPath }))
    await mount(withVolume({ configMap: { name: 'settings' } }, { containers: [{ name: 'a', volumeMounts }] }))
    expect(files.get('v')?.nested).toEqual(['tmp', 'a/b'])
  })

  it.each([
    [{}, undefined, 2 ** 30],
    [{ sizeLimit: '1Mi' }, undefined, 2 ** 20],
    [{ sizeLimit: '4Gi' }, undefined, 2 ** 30],
    [{ sizeLimit: '64Mi' }, '32Mi', 2 ** 25],
    [{ sizeLimit: '16Mi' }, '32Mi', 2 ** 24],
  ])('gives memory with %j to a pod that may have %s no more than %d bytes', async (given, memory, sizeLimit) => {
    const { mount, directories } = setUp()
    const limited = { name: 'a', ...(memory !== undefined && { resources: { limits: { memory } } }) }
    await mount(withVolume({ emptyDir: { medium: 'Memory', ...given } }, { containers: [limited] }))
    expect(directories.get('v')).toEqual({ tmpfs: { sizeLimit } })
  })

  it('writes again only what changed', async () => {
    const { mount, files, objects } = setUp()
    const pod = withVolume({ configMap: { name: 'settings' } })
    await mount(pod)
    await mount(pod)
    expect(files.get('v')?.writes).toBe(1)
    objects['configmaps/default/settings'] = { data: { a: 'new' } }
    await mount(pod)
    expect(files.get('v')).toMatchObject({ writes: 2, text: { 'a 644': 'new' } })
  })

  it('keeps a token for 80 % of its life, then asks for another', async () => {
    const { mount, files, clock, requested } = setUp()
    const source = { audience: 'vault', path: 'token', expirationSeconds: 3600 }
    const pod = withVolume({ projected: { sources: [{ serviceAccountToken: source }] } }, { serviceAccountName: 'bot' })
    const { refreshAt } = await mount(pod)
    expect(refreshAt).toBe(clock.now() + 2_880_000)
    expect(requested[0]).toMatchObject({
      path: '/api/v1/namespaces/default/serviceaccounts/bot/token',
      body: {
        spec: {
          audiences: ['vault'],
          expirationSeconds: 3600,
          boundObjectRef: { kind: 'Pod', name: 'web', uid: 'u1' },
        },
      },
    })
    await clock.advance(2_879_000)
    await mount(pod)
    expect(files.get('v')?.text).toEqual({ 'token 644': 'token-1' })
    await clock.advance(1000)
    await mount(pod)
    expect(files.get('v')?.text).toEqual({ 'token 644': 'token-2' })
  })

  it('lives with an old token while no new one can be had, until it expires', async () => {
    const { mount, files, clock, outage } = setUp()
    const pod = withVolume({ projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } })
    await mount(pod)
    outage.on = true
    await clock.advance(2_900_000)
    expect((await mount(pod)).refreshAt).toBe(clock.now() + 60_000)
    expect(files.get('v')?.text).toEqual({ 'token 644': 'token-1' })
    await clock.advance(700_000)
    expect((await mount(pod)).stale).toEqual([
      'MountVolume.SetUp failed for volume "v" : token expired and refresh failed: no connection',
    ])
    outage.on = false
    await mount(pod)
    expect(files.get('v')?.text).toEqual({ 'token 644': 'token-2' })
  })

  it.each<[string, Partial<PodSpec>]>([
    ['token 600 1000', { securityContext: { runAsUser: 1000 } }],
    ['token 600 1000', { securityContext: { runAsUser: 1000, fsGroup: 2000 } }],
    ['token 600', { securityContext: { fsGroup: 2000 } }],
    ['token 644', { containers: [{ name: 'a', securityContext: { runAsUser: 1000 } }, { name: 'b' }] }],
    [
      'token 644',
      { securityContext: { runAsUser: 1000 }, initContainers: [{ name: 'a', securityContext: { runAsUser: 0 } }] },
    ],
  ])('gives a token to who is to read it: %s for %j', async (written, spec) => {
    const { mount, files } = setUp()
    await mount(withVolume({ projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }, spec))
    expect(files.get('v')?.text).toEqual({ [written]: 'token-1' })
  })

  it('refuses what needs a driver that is not there, or that v1.36 has switched off', async () => {
    const { mount } = setUp()
    await expect(mount(withVolume({ gitRepo: { repository: 'https://example.com/r.git' } }))).rejects.toThrow(
      'MountVolume.SetUp failed for volume "v" : git-repo volume plugin has been disabled; if necessary',
    )
    await expect(mount(withVolume({ csi: { driver: 'disks.example.com' } }))).rejects.toThrow(
      'driver name disks.example.com not found in the list of registered CSI drivers',
    )
  })

  it('makes directories, on tmpfs if asked, for the group of the pod', async () => {
    const { mount, directories, files } = setUp()
    const grouped = { securityContext: { fsGroup: 2000 } }
    await mount(withVolume({ emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }, grouped))
    expect(directories.get('v')).toEqual({ tmpfs: { sizeLimit: 1_048_576 }, group: 2000 })
    const host = await mount(aPod({ volumes: [{ name: 'host', hostPath: { path: '/srv' } }] }))
    expect(host.paths.get('host')).toBe('/srv')
    await mount(aPod({ ...grouped, volumes: [{ name: 's', secret: { secretName: 'login' } }] }))
    expect(files.get('s')?.group).toBe(2000)
  })

  it('are written again when what is in memory may be lost, with the tokens that pods have', async () => {
    const { mount, volumes, files, requested } = setUp()
    const sources = [{ serviceAccountToken: { path: 'token' } }]
    const pod = withVolume({ projected: { sources } })
    await mount(pod)
    await mount(pod)
    expect(files.get('v')?.writes).toBe(1)
    volumes.recheck()
    await mount(pod)
    await mount(pod)
    expect(files.get('v')?.writes).toBe(2)
    expect(requested).toHaveLength(1)
  })
})
