import { afterEach, beforeEach, expect, it } from 'vitest'
import { persistentVolumeClaims, persistentVolumes, type PersistentVolume } from '../../../shared/api/core.ts'
import { startNode, type TestNode } from './node.ts'

let node: TestNode
beforeEach(async () => {
  node = await startNode()
})
afterEach(() => node[Symbol.asyncDispose]())

const key = { namespace: 'default', name: 'data' }
const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'data' } }]
const mounting = {
  containers: [{ name: 'app', image: 'nginx:1', volumeMounts: [{ name: 'disk', mountPath: '/data' }] }],
  volumes,
}
const unmounted =
  'FailedMount: Unable to attach or mount volumes: unmounted volumes=[disk], unattached volumes=[], failed to process volumes=[disk]: '

/** The claim `data` and the volume `v1`, bound as the binder would. */
async function bind(spec: Partial<PersistentVolume['spec']> = { local: { path: '/mnt/v1' } }) {
  const { client } = node
  const capacity = { storage: '1Gi' }
  const claim = await client.create(persistentVolumeClaims, {
    metadata: key,
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', volumeName: 'v1', resources: { requests: capacity } },
  })
  const hostname = (name: string) => ({
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }],
    },
  })
  const { uid } = claim.metadata
  await client.create(persistentVolumes, {
    metadata: { name: 'v1' },
    spec: {
      capacity,
      accessModes: ['ReadWriteOnce'],
      claimRef: { ...key, uid },
      ...(spec.local && { nodeAffinity: hostname('n1') }),
      ...spec,
    },
  })
  await client.update(persistentVolumeClaims, { ...claim, status: { phase: 'Bound', capacity } }, 'status')
}

const phaseIs = (phase: string) => async () => expect((await node.get('web')).status?.phase).toBe(phase)

it('a pod waits for its claim to be there and bound, and starts as soon as it is', async () => {
  await node.run('web', mounting)
  const missing = `${unmounted}error processing PVC default/data: failed to fetch PVC from API server: persistentvolumeclaims "data" not found`
  await node.after(0, () => expect(node.events).toContain(missing))
  expect((await node.get('web')).status?.phase).toBe('Pending')
  // No time passes: it is the claim that wakes the pod.
  await bind()
  await node.after(0, phaseIs('Running'))
})

it('a claim that is not bound holds the pod', async () => {
  await node.client.create(persistentVolumeClaims, {
    metadata: key,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  })
  await node.run('web', mounting)
  const unbound = `${unmounted}error processing PVC default/data: PVC is not bound`
  await node.after(0, () => expect(node.events).toContain(unbound))
})

it('block devices are for containers that ask for them, and then refused with the reason', async () => {
  await bind({ local: { path: '/dev/sdb' }, volumeMode: 'Block' })
  await node.run('web', mounting)
  const mismatch = `${unmounted}volume disk has volumeMode Block, but is specified in volumeMounts`
  await node.after(0, () => expect(node.events).toContain(mismatch))
  const device = { name: 'app', image: 'nginx:1', volumeDevices: [{ name: 'disk', devicePath: '/dev/x' }] }
  await node.run('raw', { containers: [device], volumes })
  const refused =
    'FailedMount: MountVolume.SetUp failed for volume "v1" : block volumes are not supported: containers of the engine get none'
  await node.after(0, () => expect(node.events).toContain(refused))
})

it.each([
  [
    { csi: { driver: 'disks.example.com', volumeHandle: 'd1' } },
    'kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name disks.example.com not found in the list of registered CSI drivers',
  ],
  [
    { iscsi: { targetPortal: '10.0.0.9', iqn: 'iqn.2001-04.com.example:disk', lun: 0 } },
    'volumes of type iscsi are not supported: containers of the engine get no block devices',
  ],
])('a volume that nothing here can mount says so: %j', async (source, why) => {
  await bind(source)
  await node.run('web', mounting)
  await node.after(0, () =>
    expect(node.events).toContain(`FailedMount: MountVolume.SetUp failed for volume "v1" : ${why}`),
  )
})

it('a volume of another node is not mounted', async () => {
  const nodeSelectorTerms = [
    { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['elsewhere'] }] },
  ]
  await bind({ local: { path: '/mnt/v1' }, nodeAffinity: { required: { nodeSelectorTerms } } })
  await node.run('web', mounting)
  const why = 'FailedMount: MountVolume.NodeAffinity check failed for volume "v1" : no matching NodeSelectorTerms'
  await node.after(0, () => expect(node.events).toContain(why))
})

it("the claim of an ephemeral volume must be the pod's own", async () => {
  await bind()
  const template = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
  await node.client.create(persistentVolumeClaims, { metadata: { ...key, name: 'web-disk' }, ...template })
  await node.client.patch(
    persistentVolumeClaims,
    { ...key, name: 'web-disk' },
    { type: 'application/merge-patch+json', subresource: 'status', body: { status: { phase: 'Bound' } } },
  )
  await node.client.patch(
    persistentVolumeClaims,
    { ...key, name: 'web-disk' },
    { type: 'application/merge-patch+json', body: { spec: { volumeName: 'v1' } } },
  )
  await node.run('web', { ...mounting, volumes: [{ name: 'disk', ephemeral: { volumeClaimTemplate: template } }] })
  const why = `${unmounted}PVC default/web-disk was not created for pod default/web (pod is not owner)`
  await node.after(0, () => expect(node.events).toContain(why))
})
