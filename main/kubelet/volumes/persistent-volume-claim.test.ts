import { expect, it } from 'vitest'
import type { PersistentVolume, Pod } from '../../../shared/api/core.ts'
import type { KubeObject, ObjectKey } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import { createClient } from '../../../shared/client/create-client.ts'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { createSimulatedVolumes } from '../simulated/simulated-host.ts'
import { createVolumes } from './volumes.ts'

/** Pods that use the claim `c`, which is bound to this volume; what was asked of the host is noted down. */
function setUp(spec: Partial<PersistentVolume['spec']>, annotations: Record<string, string> = {}) {
  const asked: unknown[] = []
  const objects: Record<string, object> = {
    c: { metadata: { name: 'c', uid: 'c1' }, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } },
    pv: { metadata: { name: 'pv', annotations }, spec: { claimRef: { uid: 'c1' }, ...spec } },
  }
  const volumes = createVolumes({
    ...createSimulatedVolumes(),
    async localPath(path, options) {
      asked.push({ path, ...options })
      return path
    },
    async nfs(_uid, volume, { server, path, options }) {
      asked.push({ volume, server, path, options })
      return '/nfs'
    },
  })
  const context = {
    clock: createFakeClock(),
    client: createClient({ request: () => Promise.reject(new Error('none')), async *watch() {}, async *bytes() {} }),
    read: {
      find: async <T extends KubeObject>(_: ResourceRef<T>, { name }: ObjectKey) => objects[name] as T | undefined,
    },
    facts: { ip: '', hostIP: '', nodeName: 'n1', allocatable: {} },
  }
  const mount = (uid: string, readOnly = false) => {
    const pod: Pod = aPod({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c', readOnly } }] })
    return volumes.mount({ ...pod, metadata: { ...pod.metadata, uid } }, context)
  }
  return { mount, volumes, asked }
}

it('hands mount options on where they mean something, and refuses them elsewhere', async () => {
  const nfs = setUp({ nfs: { server: 's', path: '/e' }, mountOptions: ['nfsvers=3', 'hard'] })
  await nfs.mount('u1', true)
  expect(nfs.asked).toEqual([{ volume: 'v', server: 's', path: '/e', options: ['nfsvers=3', 'hard', 'ro'] }])
  const annotation = { 'volume.beta.kubernetes.io/mount-options': 'noexec,nodev' }
  const local = setUp({ local: { path: '/d' }, mountOptions: ['sync'] }, annotation)
  await local.mount('u1')
  expect(local.asked).toEqual([{ path: '/d', bound: { podUid: 'u1', volume: 'v', options: ['noexec', 'nodev'] } }])
  await expect(setUp({ hostPath: { path: '/d' }, mountOptions: ['ro'] }).mount('u1')).rejects.toThrow(
    'MountVolume.MountOptionSupport check failed for volume "pv" : mount options are not supported for this volume type',
  )
})

it('gives a volume that is for one pod to one pod alone', async () => {
  const { mount, volumes } = setUp({ local: { path: '/d' }, accessModes: ['ReadWriteOncePod'] })
  await mount('u1')
  await mount('u1')
  await expect(mount('u2')).rejects.toThrow(
    'MountVolume.SetUp failed for volume "pv" : volume uses the ReadWriteOncePod access mode and is already in use by another pod',
  )
  await volumes.remove('u1')
  expect((await mount('u2')).paths.get('v')).toBe('/d')
})

it.each<[Partial<PersistentVolume['spec']>, string]>([
  [{ csi: { driver: 'd.example.com', volumeHandle: 'h' } }, 'driver name d.example.com not found in the list'],
  [{ gcePersistentDisk: { pdName: 'p' } }, 'driver name pd.csi.storage.gke.io not found in the list'],
  [{ glusterfs: { endpoints: 'e', path: 'p' } }, 'volume "pv" err=no volume plugin matched'],
  [{ local: { path: '/dev/x' }, volumeMode: 'Block' }, 'block volumes are not supported'],
])('says why %j can not be mounted', async (spec, message) => {
  await expect(setUp(spec).mount('u1')).rejects.toThrow(message)
})
