import { expect, test } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../shared/api/core.ts'
import type { CSINode, StorageClass } from '../../../shared/api/storage.ts'
import { createTestCluster, fitting, place, testNode, testPod } from '../testing/test-cluster.ts'

const zone = 'topology.kubernetes.io/zone'
const nodes = [testNode('a', { labels: { [zone]: 'A' } }), testNode('b', { labels: { [zone]: 'B' } })]
const why = (...given: Parameters<typeof place>) =>
  place(...given).message.replace(/ no new claims to deallocate, .*/, '')

const pod = (name: string, claim = 'data'): Pod =>
  testPod(name, { spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: claim } }] } })

interface ClaimWish {
  volume?: string
  storageClass?: string
  modes?: string[]
  size?: string
}

function claim(
  name: string,
  { volume, storageClass, modes = ['ReadWriteOnce'], size = '1Gi' }: ClaimWish = {},
): PersistentVolumeClaim {
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      ...(volume && { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }),
    },
    spec: {
      accessModes: modes,
      resources: { requests: { storage: size } },
      ...(volume && { volumeName: volume }),
      ...(storageClass && { storageClassName: storageClass }),
    },
  }
}

const volume = (
  name: string,
  spec: PersistentVolume['spec'] = {},
  labels: Record<string, string> = {},
): PersistentVolume => ({
  metadata: { name, uid: name, labels },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
  status: { phase: 'Available' },
})

const onNode = (name: string): NonNullable<PersistentVolume['spec']['nodeAffinity']> => ({
  required: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }],
  },
})

const waiting = (provisioner: string, more: Partial<StorageClass> = {}): StorageClass => ({
  metadata: { name: 'late', uid: 'late' },
  provisioner,
  volumeBindingMode: 'WaitForFirstConsumer',
  ...more,
})

test('a claim that is missing, lost, or should be bound by now keeps the pod from every node', () => {
  const go = (...claims: PersistentVolumeClaim[]) => why(pod('p'), createTestCluster(nodes, [], { claims }))
  const start = '0/2 nodes are available: '
  expect(go()).toBe(`${start}persistentvolumeclaim "data" not found.`)
  expect(go(claim('data'))).toBe(`${start}pod has unbound immediate PersistentVolumeClaims.`)
  expect(go({ ...claim('data', { volume: 'gone' }), status: { phase: 'Lost' } })).toBe(
    `${start}persistentvolumeclaim "data" bound to non-existent persistentvolume "gone".`,
  )
  const { message, rejectedBy } = place(pod('p'), createTestCluster(nodes))
  expect(message).toContain('preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.')
  expect([...rejectedBy]).toEqual(['VolumeRestrictions'])
  const scratch = testPod('p', { spec: { volumes: [{ name: 'scratch', ephemeral: {} }] } })
  expect(why(scratch, createTestCluster(nodes))).toBe(
    `${start}waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch".`,
  )
})

test('a bound volume is followed to its node and its zone', () => {
  const claims = [claim('data', { volume: 'disk' })]
  const local = createTestCluster(nodes, [], { claims, volumes: [volume('disk', { nodeAffinity: onNode('b') })] })
  expect(fitting(pod('p'), local)).toEqual(['b'])
  const zoned = createTestCluster(nodes, [], { claims, volumes: [volume('disk', {}, { [zone]: 'A__C' })] })
  expect(fitting(pod('p'), zoned)).toEqual(['a'])
  const nowhere = createTestCluster(nodes, [], { claims, volumes: [volume('disk', {}, { [zone]: 'C' })] })
  expect(why(pod('p'), nowhere)).toBe('0/2 nodes are available: 2 node(s) had no available volume zone.')
})

test('a claim that waits for its consumer: where a volume is free and large enough, or one can be made', () => {
  const claims = [claim('data', { storageClass: 'late', size: '2Gi' })]
  const of = (name: string, size: string): PersistentVolume =>
    volume(`disk-${name}`, { capacity: { storage: size }, storageClassName: 'late', nodeAffinity: onNode(name) })
  const volumes = [of('a', '1Gi'), of('b', '5Gi')]
  const fixed = [waiting('kubernetes.io/no-provisioner')]
  expect(fitting(pod('p'), createTestCluster(nodes, [], { claims, volumes, storageClasses: fixed }))).toEqual(['b'])
  const dynamic = [waiting('example.com/disk')]
  expect(fitting(pod('p'), createTestCluster(nodes, [], { claims, storageClasses: dynamic }))).toEqual(['a', 'b'])
  const topology = { allowedTopologies: [{ matchLabelExpressions: [{ key: zone, values: ['A'] }] }] }
  const inA = [waiting('example.com/disk', topology)]
  expect(fitting(pod('p'), createTestCluster(nodes, [], { claims, storageClasses: inA }))).toEqual(['a'])
  const taken = createTestCluster(nodes, [], { claims, volumes, storageClasses: fixed })
  taken.reservations.volumes.add('disk-b')
  expect(why(pod('p'), taken)).toBe(
    "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.",
  )
})

test('a driver that publishes its capacity is believed', () => {
  const claims = [claim('data', { storageClass: 'late', size: '2Gi' })]
  const driver = { metadata: { name: 'example.com/disk', uid: 'd' }, spec: { storageCapacity: true } }
  const capacity = {
    metadata: { name: 'c', namespace: 'default', uid: 'c' },
    storageClassName: 'late',
    capacity: '5Gi',
    nodeTopology: { matchLabels: { [zone]: 'B' } },
  }
  const objects = { claims, storageClasses: [waiting('example.com/disk')], csiDrivers: [driver] }
  expect(fitting(pod('p'), createTestCluster(nodes, [], { ...objects, csiCapacities: [capacity] }))).toEqual(['b'])
  expect(why(pod('p'), createTestCluster(nodes, [], objects))).toBe(
    '0/2 nodes are available: 2 node(s) did not have enough free storage.',
  )
})

test('ReadWriteOncePod: one pod in the whole cluster', () => {
  const claims = [claim('data', { volume: 'disk', modes: ['ReadWriteOncePod'] })]
  const objects = { claims, volumes: [volume('disk')] }
  expect(fitting(pod('p'), createTestCluster(nodes, [], objects))).toEqual(['a', 'b'])
  const cluster = createTestCluster(nodes, [[pod('q'), 'a']], objects)
  expect(why(pod('p'), cluster)).toBe(
    '0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.',
  )
  const important = pod('p')
  important.spec.priority = 1
  expect(place(important, cluster).preemption?.victims.map(victim => victim.metadata.name)).toEqual(['q'])
})

test('the same disk is written by one pod per node, read by many', () => {
  const disk = (name: string, readOnly: boolean): Pod =>
    testPod(name, { spec: { volumes: [{ name: 'v', gcePersistentDisk: { pdName: 'disk', readOnly } }] } })
  expect(fitting(disk('p', true), createTestCluster(nodes, [[disk('q', true), 'a']]))).toEqual(['a', 'b'])
  expect(fitting(disk('p', true), createTestCluster(nodes, [[disk('q', false), 'a']]))).toEqual(['b'])
})

test('a driver attaches so many volumes to a node', () => {
  const csi = (id: string): PersistentVolume => volume(id, { csi: { driver: 'csi.example.com', volumeHandle: id } })
  const claims = ['one', 'two', 'three'].map(name => claim(name, { volume: `disk-${name}` }))
  const volumes = ['one', 'two', 'three'].map(name => csi(`disk-${name}`))
  const driver = { name: 'csi.example.com', nodeID: 'a', allocatable: { count: 2 } }
  const csiNodes: CSINode[] = [{ metadata: { name: 'a', uid: 'a' }, spec: { drivers: [driver] } }]
  const placed: [Pod, string][] = [
    [pod('p1', 'one'), 'a'],
    [pod('p2', 'two'), 'a'],
  ]
  const cluster = createTestCluster(nodes, placed, { claims, volumes, csiNodes })
  expect(fitting(pod('p3', 'three'), cluster)).toEqual(['b'])
  expect(fitting(pod('again', 'two'), cluster)).toEqual(['a', 'b'])
  expect(
    place(pod('p3', 'three'), createTestCluster([nodes[0]!], placed, { claims, volumes, csiNodes })).message,
  ).toContain('1 node(s) exceed max volume count.')
})

test('a volume that is gone, or of another class than the claim it is meant for, is no volume', () => {
  const bound = { claims: [claim('data', { volume: 'gone' })] }
  expect(why(pod('p'), createTestCluster(nodes, [], bound))).toBe(
    '0/2 nodes are available: persistentvolume "gone" not found.',
  )
  const meant = volume('disk', { storageClassName: 'other', claimRef: { namespace: 'default', name: 'data' } })
  const storageClasses = [waiting('kubernetes.io/no-provisioner')]
  const delayed = { claims: [claim('data', { storageClass: 'late' })], volumes: [meant], storageClasses }
  expect(fitting(pod('p'), createTestCluster(nodes, [], delayed))).toEqual([])
})

test('a volume that is being detached takes room until it is', () => {
  const csi = (name: string) => volume(name, { csi: { driver: 'disk.csi', volumeHandle: name } })
  const csiNodes: CSINode[] = [
    {
      metadata: { name: 'a', uid: 'a' },
      spec: { drivers: [{ name: 'disk.csi', nodeID: 'a', allocatable: { count: 1 } }] },
    },
  ]
  const attachments = [
    {
      metadata: { name: 'x', uid: 'x' },
      spec: { attacher: 'disk.csi', nodeName: 'a', source: { persistentVolumeName: 'disk' } },
    },
  ]
  const objects = { claims: [claim('data', { volume: 'disk' })], volumes: [csi('disk')], csiNodes, attachments }
  expect(fitting(pod('p'), createTestCluster(nodes, [], objects))).toEqual(['b'])
  expect(fitting(pod('p'), createTestCluster(nodes, [[pod('q'), 'a']], objects))).toEqual(['a', 'b'])
})
