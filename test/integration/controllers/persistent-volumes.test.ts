import { expect, test } from 'vitest'
import { events, persistentVolumeClaims, persistentVolumes, pods } from '../../../shared/api/core.ts'
import { storageClasses } from '../../../shared/api/storage.ts'
import {
  addClaim,
  addClass,
  addVolume,
  claimIs,
  claimKey,
  claimOf,
  classNamed,
  volumeIs,
  volumeKey,
  volumeOf,
} from './persistent-volumes.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

/** Resolves when an Event tells this of an object. */
const told = ({ until }: TestCluster, name: string, reason: string, message: string) =>
  until(events, lister =>
    lister.list().some(e => e.involvedObject.name === name && e.reason === reason && e.message === message),
  )

test('a claim gets the smallest volume that has what it asks for', async () => {
  await using cluster = await startControllers()
  await addVolume(cluster, volumeOf('large', { size: '10Gi' }))
  await addVolume(cluster, volumeOf('small', { size: '512Mi' }))
  await addVolume(cluster, volumeOf('shared', { size: '2Gi', accessModes: ['ReadWriteMany', 'ReadWriteOnce'] }))
  await addVolume(cluster, volumeOf('classy', { storageClassName: 'fast' }))
  await addVolume(cluster, volumeOf('fits', { size: '3Gi' }))
  await addClaim(cluster, claimOf('data'))
  expect(await claimIs(cluster, 'data', 'Bound')).toBe('fits')
  const claim = await cluster.client.get(persistentVolumeClaims, claimKey('data'))
  expect(claim.status).toMatchObject({ capacity: { storage: '3Gi' }, accessModes: ['ReadWriteOnce'] })
  expect(claim.metadata.annotations).toEqual({
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  })
  const volume = await volumeIs(cluster, 'fits', 'Bound')
  expect(volume?.metadata.annotations).toEqual({ 'pv.kubernetes.io/bound-by-controller': 'yes' })
  expect(volume?.spec.claimRef).toMatchObject({ namespace: 'default', name: 'data', uid: claim.metadata.uid })
  await addClaim(cluster, claimOf('many', { accessModes: ['ReadWriteMany'] }))
  expect(await claimIs(cluster, 'many', 'Bound')).toBe('shared')
})

test('a burst of claims never shares a volume', async () => {
  await using cluster = await startControllers()
  const names = Array.from({ length: 20 }, (_, i) => String(i))
  await Promise.all(names.map(name => addVolume(cluster, volumeOf(`v${name}`))))
  await Promise.all(names.map(name => addClaim(cluster, claimOf(`c${name}`))))
  const bound = await Promise.all(names.map(name => claimIs(cluster, `c${name}`, 'Bound')))
  expect(new Set(bound).size).toBe(20)
})

test('labels decide where the claim has a selector, and a volume that comes later is taken', async () => {
  await using cluster = await startControllers()
  await addVolume(cluster, volumeOf('plain'))
  await addClaim(cluster, claimOf('data', { selector: { matchLabels: { disk: 'ssd' } } }))
  const why = 'no persistent volumes available for this claim and no storage class is set'
  await told(cluster, 'data', 'FailedBinding', why)
  await addVolume(cluster, { ...volumeOf('ssd'), metadata: { name: 'ssd', labels: { disk: 'ssd' } } }, 'Bound')
  expect(await claimIs(cluster, 'data', 'Bound')).toBe('ssd')
})

test('a volume reserved for a claim waits for it, and a claim may name its volume', async () => {
  await using cluster = await startControllers()
  await addVolume(cluster, volumeOf('mine', { claimRef: { namespace: 'default', name: 'owner' } }))
  await addClaim(cluster, claimOf('other'))
  await told(
    cluster,
    'other',
    'FailedBinding',
    'no persistent volumes available for this claim and no storage class is set',
  )
  await addClaim(cluster, claimOf('owner'))
  expect(await claimIs(cluster, 'owner', 'Bound')).toBe('mine')
  const reserved = await volumeIs(cluster, 'mine', 'Bound')
  expect(reserved?.metadata.annotations).toBeUndefined()

  await addClaim(cluster, claimOf('late', { volumeName: 'mine' }))
  await told(cluster, 'late', 'FailedBinding', 'volume "mine" already bound to a different claim.')
  await addClaim(cluster, claimOf('named', { volumeName: 'tiny', size: '2Gi' }))
  await cluster.client.delete(persistentVolumeClaims, claimKey('other'))
  await cluster.until(persistentVolumeClaims, lister => !lister.get(claimKey('other')))
  await addVolume(cluster, volumeOf('tiny'))
  await told(cluster, 'named', 'VolumeMismatch', 'Cannot bind to requested volume "tiny": requested PV is too small')
  expect(await claimIs(cluster, 'named', 'Pending')).toBe('tiny')
})

test('a retained volume stays with its data and its claim on record; it can be given away anew', async () => {
  await using cluster = await startControllers()
  const { client } = cluster
  await addVolume(cluster, volumeOf('keep'))
  await addClaim(cluster, claimOf('data'))
  await claimIs(cluster, 'data', 'Bound')
  await client.delete(persistentVolumeClaims, claimKey('data'))
  const released = await volumeIs(cluster, 'keep', 'Released')
  expect(released?.spec.claimRef?.name).toBe('data')
  await addClaim(cluster, claimOf('data'))
  await told(
    cluster,
    'data',
    'FailedBinding',
    'no persistent volumes available for this claim and no storage class is set',
  )
  const body = { spec: { claimRef: null } }
  await client.patch(persistentVolumes, volumeKey('keep'), { type: 'application/merge-patch+json', body })
  expect(await claimIs(cluster, 'data', 'Bound')).toBe('keep')
})

test('policies that nobody can carry out fail with the reason', async () => {
  await using cluster = await startControllers()
  await addVolume(cluster, volumeOf('erase', { persistentVolumeReclaimPolicy: 'Delete' }))
  await addClaim(cluster, claimOf('data'))
  await claimIs(cluster, 'data', 'Bound')
  await cluster.client.delete(persistentVolumeClaims, claimKey('data'))
  const failed = await volumeIs(cluster, 'erase', 'Failed')
  expect(failed?.status?.message).toBe(
    'error getting deleter volume plugin for volume "erase": no deletable volume plugin matched',
  )
})

test('a claim whose volume was taken from it is lost', async () => {
  await using cluster = await startControllers()
  const { client } = cluster
  await addVolume(cluster, volumeOf('gone'))
  await addClaim(cluster, claimOf('data'))
  await claimIs(cluster, 'data', 'Bound')
  const type = 'application/merge-patch+json'
  await client.delete(persistentVolumes, volumeKey('gone'))
  await client
    .patch(persistentVolumes, volumeKey('gone'), { type, body: { metadata: { finalizers: null } } })
    .catch(() => undefined)
  await claimIs(cluster, 'data', 'Lost')
  await told(cluster, 'data', 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  expect((await client.get(persistentVolumeClaims, claimKey('data'))).status).toEqual({ phase: 'Lost' })
})

test('a provisioner is named on the claim, and the volume that it makes is bound', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await addClaim(cluster, claimOf('data', { storageClassName: 'fast' }))
  await told(cluster, 'data', 'ProvisioningFailed', 'storageclass.storage.k8s.io "fast" not found')
  await addClass(cluster, classNamed('fast'))
  const named = 'volume.kubernetes.io/storage-provisioner'
  await until(
    persistentVolumeClaims,
    lister => lister.get(claimKey('data'))?.metadata.annotations?.[named] === 'example.com/disks',
  )
  await told(
    cluster,
    'data',
    'ExternalProvisioning',
    "Waiting for a volume to be created either by the external provisioner 'example.com/disks' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
  )
  const claim = informers.informer(persistentVolumeClaims).get(claimKey('data'))
  const { uid = '' } = claim?.metadata ?? {}
  const made = volumeOf('made', {
    storageClassName: 'fast',
    persistentVolumeReclaimPolicy: 'Delete',
    claimRef: { namespace: 'default', name: 'data', uid },
  })
  const metadata = { name: 'made', annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' } }
  await addVolume(cluster, { ...made, metadata }, 'Bound')
  expect(await claimIs(cluster, 'data', 'Bound')).toBe('made')
  await client.delete(persistentVolumeClaims, claimKey('data'))
  // The provisioner's to delete.
  expect((await volumeIs(cluster, 'made', 'Released'))?.status).not.toHaveProperty('message')
})

test('a class that waits for the first consumer says what it waits for, then provisions', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await addClass(cluster, classNamed('lazy', { volumeBindingMode: 'WaitForFirstConsumer' }))
  await addVolume(cluster, volumeOf('free', { storageClassName: 'lazy' }))
  await addClaim(cluster, claimOf('data', { storageClassName: 'lazy' }))
  await told(cluster, 'data', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
  await client.create(pods, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      schedulerName: 'none',
      containers: [{ name: 'c', image: 'x' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  })
  await told(cluster, 'data', 'WaitForPodScheduled', 'waiting for pod web to be scheduled')
  await client.patch(persistentVolumeClaims, claimKey('data'), {
    type: 'application/merge-patch+json',
    body: { metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'n1' } } },
  })
  await until(
    persistentVolumeClaims,
    lister => !!lister.get(claimKey('data'))?.metadata.annotations?.['volume.kubernetes.io/storage-provisioner'],
  )
  expect((await volumeIs(cluster, 'free', 'Available'))?.spec.claimRef).toBeUndefined()
})

test('a claim without a class gets the default class that comes later; one that wants none does not', async () => {
  await using cluster = await startControllers()
  const { storageClassName: _, ...spec } = claimOf('any').spec
  await addClaim(cluster, { ...claimOf('any'), spec })
  await addClaim(cluster, claimOf('none'))
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  await addClass(cluster, { ...classNamed('usual'), metadata: { name: 'usual', annotations } })
  await cluster.until(persistentVolumeClaims, lister => lister.get(claimKey('any'))?.spec.storageClassName === 'usual')
  expect((await cluster.client.get(persistentVolumeClaims, claimKey('none'))).spec.storageClassName).toBe('')
  await cluster.client.delete(storageClasses, volumeKey('usual'))
})

test('an ephemeral volume has a claim that belongs to its pod, and never takes another claim over', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await addClaim(cluster, claimOf('db-taken'))
  const pod = (name: string, volume: string) =>
    client.create(pods, {
      metadata: { name, namespace: 'default' },
      spec: {
        schedulerName: 'none',
        containers: [{ name: 'c', image: 'x' }],
        volumes: [
          {
            name: volume,
            ephemeral: { volumeClaimTemplate: { metadata: { labels: { of: 'web' } }, spec: claimOf('unused').spec } },
          },
        ],
      },
    })
  const { metadata } = await pod('web', 'scratch')
  await until(persistentVolumeClaims, lister => lister.get(claimKey('web-scratch')) !== undefined)
  const claim = informers.informer(persistentVolumeClaims).get(claimKey('web-scratch'))
  expect(claim?.metadata.labels).toEqual({ of: 'web' })
  expect(claim?.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', uid: metadata.uid, controller: true }])
  await client.delete(pods, claimKey('web'), { gracePeriodSeconds: 0 })
  await until(persistentVolumeClaims, lister => !lister.get(claimKey('web-scratch')))

  await pod('db', 'taken')
  const why = 'PVC default/db-taken was not created for pod default/db (pod is not owner)'
  await told(cluster, 'db', 'FailedBinding', `ephemeral volume taken: ${why}`)
  await client.delete(persistentVolumeClaims, claimKey('db-taken'))
  await until(
    persistentVolumeClaims,
    lister => lister.get(claimKey('db-taken'))?.metadata.ownerReferences?.[0]?.name === 'db',
  )
})
