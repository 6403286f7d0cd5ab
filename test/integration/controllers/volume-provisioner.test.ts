import { expect, test } from 'vitest'
import { volumeProvisioner } from '../../../main/kubelet/provisioner/provisioner.ts'
import { nodes, persistentVolumeClaims, persistentVolumes } from '../../../shared/api/core.ts'
import { runController } from '../../../shared/client/run-controller.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { eventually } from '../../helpers/eventually.ts'
import {
  addClaim,
  addClass,
  claimIs,
  claimKey,
  claimOf,
  classNamed,
  volumeIs,
  volumeKey,
} from './persistent-volumes.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const ours = (name: string) => classNamed(name, { provisioner: 'podbay.io/docker-volume', allowVolumeExpansion: true })

/** The provisioner of a node; the volumes that it has are in `volumes`. */
function startProvisioner(
  { client, informers, clock }: TestCluster,
  nodeName: string,
  { volumes = new Set<string>(), withData = volumes }: { volumes?: Set<string>; withData?: ReadonlySet<string> } = {},
) {
  const store = {
    async create(name: string) {
      volumes.add(name)
      return `/volumes/${nodeName}/${name}`
    },
    async remove(name: string) {
      volumes.delete(name)
    },
    async removeEmpty(isKept: (name: string) => boolean) {
      for (const name of volumes) if (!isKept(name) && !withData.has(name)) volumes.delete(name)
    },
  }
  const controller = volumeProvisioner({ nodeName, store })
  const running = runController(controller, { client, informers, clock, random: Math.random, log: silent })
  return { volumes, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() }
}

const select = ({ client }: TestCluster, name: string, node: string) =>
  client.patch(persistentVolumeClaims, claimKey(name), {
    type: 'application/merge-patch+json',
    body: { metadata: { annotations: { 'volume.kubernetes.io/selected-node': node } } },
  })

test('the chosen node makes the volume, keeps it there, and deletes it with the claim', async () => {
  await using cluster = await startControllers()
  await using first = startProvisioner(cluster, 'a')
  await using second = startProvisioner(cluster, 'b')
  const { client, until } = cluster
  await cluster.addNode('a')
  await cluster.addNode('b')
  await addClass(cluster, { ...ours('lazy'), volumeBindingMode: 'WaitForFirstConsumer' })
  await addClaim(cluster, claimOf('data', { storageClassName: 'lazy' }))
  await select(cluster, 'data', 'b')
  const name = (await claimIs(cluster, 'data', 'Bound')) ?? ''
  expect([[...first.volumes], [...second.volumes]]).toEqual([[], [name]])
  const volume = await volumeIs(cluster, name, 'Bound')
  expect(volume?.spec).toMatchObject({
    capacity: { storage: '1Gi' },
    persistentVolumeReclaimPolicy: 'Delete',
    local: { path: `/volumes/b/${name}` },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] }],
      },
    },
  })
  await client.delete(persistentVolumeClaims, claimKey('data'))
  await until(persistentVolumes, lister => !lister.get(volumeKey(name)))
  expect([...second.volumes]).toEqual([])
})

test('without a chosen node one makes the volume; it grows, and is left alone once it is to be retained', async () => {
  await using cluster = await startControllers()
  await using first = startProvisioner(cluster, 'a')
  await using second = startProvisioner(cluster, 'b')
  const { client, until } = cluster
  await cluster.addNode('a')
  await cluster.addNode('b')
  await addClass(cluster, ours('eager'))
  await addClaim(cluster, claimOf('data', { storageClassName: 'eager' }))
  const name = (await claimIs(cluster, 'data', 'Bound')) ?? ''
  expect([[...first.volumes], [...second.volumes]]).toEqual([[name], []])

  const type = 'application/merge-patch+json'
  const body = { spec: { resources: { requests: { storage: '5Gi' } } } }
  await client.patch(persistentVolumeClaims, claimKey('data'), { type, body })
  await until(persistentVolumeClaims, lister => lister.get(claimKey('data'))?.status?.capacity?.['storage'] === '5Gi')
  expect((await client.get(persistentVolumes, volumeKey(name))).spec.capacity).toEqual({ storage: '5Gi' })

  const retain = { spec: { persistentVolumeReclaimPolicy: 'Retain' } }
  await client.patch(persistentVolumes, volumeKey(name), { type, body: retain })
  await client.delete(persistentVolumeClaims, claimKey('data'))
  await volumeIs(cluster, name, 'Released')
  await client.delete(persistentVolumes, volumeKey(name))
  await until(persistentVolumes, lister => !lister.get(volumeKey(name)))
  expect([...first.volumes]).toEqual([name])
})

test('of volumes without an object and a claim those without data go', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await cluster.addNode('a')
  await addClass(cluster, ours('eager'))
  const volumes = new Set(['pvc-of-nobody', 'pvc-retained'])
  await using _ = startProvisioner(cluster, 'a', { volumes, withData: new Set(['pvc-retained']) })
  await addClaim(cluster, claimOf('data', { storageClassName: 'eager' }))
  const name = (await claimIs(cluster, 'data', 'Bound')) ?? ''
  await eventually(() => expect([...volumes]).toEqual(['pvc-retained', name]))

  volumes.add('pvc-too-late')
  await client.delete(persistentVolumeClaims, claimKey('data'))
  await until(persistentVolumes, lister => !lister.get(volumeKey(name)))
  await eventually(() => expect([...volumes]).toEqual(['pvc-retained']))
})

test('what a node that is gone had can be deleted all the same', async () => {
  await using cluster = await startControllers()
  await using first = startProvisioner(cluster, 'a')
  const { client, until } = cluster
  await cluster.addNode('a')
  await addClass(cluster, { ...ours('lazy'), volumeBindingMode: 'WaitForFirstConsumer' })
  await addClaim(cluster, claimOf('data', { storageClassName: 'lazy' }))
  let name = ''
  {
    await using second = startProvisioner(cluster, 'b')
    await cluster.addNode('b')
    await select(cluster, 'data', 'b')
    name = (await claimIs(cluster, 'data', 'Bound')) ?? ''
    expect([...second.volumes]).toEqual([name])
  }
  await client.delete(nodes, volumeKey('b'))
  await client.delete(persistentVolumeClaims, claimKey('data'))
  await until(persistentVolumes, lister => !lister.get(volumeKey(name)))
  expect([...first.volumes]).toEqual([])
})
