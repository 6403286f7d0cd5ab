import { expect, test } from 'vitest'
import { persistentVolumeClaims, persistentVolumes, pods, serviceAccounts } from '../../../shared/api/core.ts'
import { volumeAttributesClasses } from '../../../shared/api/storage.ts'
import { startControllers } from './start-controllers.ts'

const size = { storage: '1Gi' }
const accessModes = ['ReadWriteOnce']
const key = (name: string) => ({ namespace: 'default', name })

test('a claim goes with the last pod that uses it, and its volume is free to go then', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await cluster.addNode('n')
  await until(serviceAccounts, lister => lister.get(key('default')) !== undefined)
  await client.create(persistentVolumes, {
    metadata: { name: 'v' },
    spec: { capacity: size, accessModes, hostPath: { path: '/x' }, storageClassName: '' },
  })
  const spec = { accessModes, storageClassName: '', resources: { requests: size } }
  await client.create(persistentVolumeClaims, { metadata: key('c'), spec })
  await client.create(pods, {
    metadata: key('p'),
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'c' } }],
    },
  })
  await until(pods, lister => lister.get(key('p'))?.status?.phase === 'Running')
  const volume = { namespace: '', name: 'v' }
  expect((await client.get(persistentVolumes, volume)).metadata.finalizers).toEqual(['kubernetes.io/pv-protection'])

  await client.delete(persistentVolumeClaims, key('c'))
  await client.delete(persistentVolumes, volume)
  const going = await client.get(persistentVolumeClaims, key('c'))
  expect(going.metadata.deletionTimestamp).toBeDefined()
  expect(going.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection'])
  await client.delete(pods, key('p'), { gracePeriodSeconds: 0 })
  await until(persistentVolumeClaims, lister => lister.get(key('c')) === undefined)
  await until(persistentVolumes, lister => lister.get(volume) === undefined)
})

test('a claim that only a pod without a node names goes at once', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await until(serviceAccounts, lister => lister.get(key('default')) !== undefined)
  const spec = { accessModes, storageClassName: 'none', resources: { requests: size } }
  await client.create(persistentVolumeClaims, { metadata: key('c'), spec })
  await client.create(pods, {
    metadata: key('p'),
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'c' } }],
    },
  })
  await client.delete(persistentVolumeClaims, key('c'))
  await until(persistentVolumeClaims, lister => lister.get(key('c')) === undefined)
})

test('a class of attributes stays while a claim names it', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const name = { namespace: '', name: 'gold' }
  await client.create(volumeAttributesClasses, {
    metadata: { name: 'gold' },
    driverName: 'example.com',
    parameters: { iops: '1' },
  })
  const spec = {
    accessModes,
    storageClassName: 'none',
    volumeAttributesClassName: 'gold',
    resources: { requests: size },
  }
  await client.create(persistentVolumeClaims, { metadata: key('c'), spec })
  await until(persistentVolumeClaims, lister => lister.get(key('c')) !== undefined)
  await client.delete(volumeAttributesClasses, name)
  expect((await client.get(volumeAttributesClasses, name)).metadata.deletionTimestamp).toBeDefined()
  await client.delete(persistentVolumeClaims, key('c'))
  await until(volumeAttributesClasses, lister => lister.get(name) === undefined)
})
