import { expect, test } from 'vitest'
import { events, nodes, persistentVolumeClaims, persistentVolumes, pods, type Pod } from '../../../shared/api/core.ts'
import { deviceClasses, resourceClaims, resourceSlices } from '../../../shared/api/resource.ts'
import { priorityClasses } from '../../../shared/api/scheduling.ts'
import { storageClasses } from '../../../shared/api/storage.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const key = (name: string) => ({ namespace: 'default', name })

const create = ({ client }: TestCluster, name: string, cpu: string, spec: Partial<Pod['spec']> = {}) =>
  client.create(pods, {
    metadata: key(name),
    spec: { containers: [{ name: 'main', image: 'x', resources: { requests: { cpu } } }], ...spec },
  })

test('says why a pod fits nowhere, in its condition, an Event and as data, and places it when that changes', async () => {
  await using cluster = await startControllers()
  const { client, until, scheduler, clock } = cluster
  await cluster.addNode('small', { cpu: '1' })
  await cluster.addNode('tainted', { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] })
  await create(cluster, 'big', '2')
  const message =
    '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.'
  await until(pods, lister => {
    const condition = lister.get(key('big'))?.status?.conditions?.find(each => each.type === 'PodScheduled')
    return condition?.status === 'False' && condition.reason === 'Unschedulable' && condition.message === message
  })
  await until(events, lister =>
    lister.list('default').some(each => each.reason === 'FailedScheduling' && each.message === message),
  )
  const matrix = scheduler
    .decision(key('big'))
    ?.nearest.map(verdict => [verdict.node, verdict.rejections.map(rejection => rejection.plugin)])
  expect(matrix).toEqual([
    ['tainted', ['TaintToleration']],
    ['small', ['NodeResourcesFit']],
  ])

  await client.patch(
    nodes,
    { namespace: '', name: 'tainted' },
    { type: 'application/merge-patch+json', body: { spec: { taints: null } } },
  )
  await until(nodes, lister => !lister.get({ namespace: '', name: 'tainted' })?.spec?.taints)
  await clock.advance(1000)
  await until(pods, lister => lister.get(key('big'))?.spec.nodeName === 'tainted')
  await until(events, lister =>
    lister
      .list('default')
      .some(each => each.reason === 'Scheduled' && each.message === 'Successfully assigned default/big to tainted'),
  )
  expect(scheduler.decision(key('big'))?.node).toBe('tainted')
})

test('a burst does not overcommit, and room that gets free is used', async () => {
  await using cluster = await startControllers()
  const { client, until, informers, clock } = cluster
  await cluster.addNode('a', { cpu: '2' })
  await cluster.addNode('b', { cpu: '2' })
  await Promise.all(Array.from({ length: 10 }, (_, i) => create(cluster, `p${i}`, '1')))
  const placed = () =>
    informers
      .informer(pods)
      .list('default')
      .filter(pod => pod.spec.nodeName)
  await until(pods, lister => {
    const all = lister.list('default')
    return (
      all.filter(pod => pod.spec.nodeName).length === 4 &&
      all.filter(pod => pod.status?.conditions?.some(c => c.reason === 'Unschedulable')).length === 6
    )
  })
  expect(
    placed()
      .map(pod => pod.spec.nodeName)
      .sort(),
  ).toEqual(['a', 'a', 'b', 'b'])
  const gone = placed()[0]!
  await client.delete(pods, key(gone.metadata.name))
  await until(pods, lister => !lister.get(key(gone.metadata.name)))
  await clock.advance(1000)
  await until(pods, lister => lister.list('default').filter(pod => pod.spec.nodeName).length === 4)
})

test('leaves gated pods and those of other schedulers alone', async () => {
  await using cluster = await startControllers()
  const { client, until, informers } = cluster
  await cluster.addNode('n1')
  await create(cluster, 'gated', '1', { schedulingGates: [{ name: 'example.com/wait' }] })
  await create(cluster, 'foreign', '1', { schedulerName: 'another' })
  await create(cluster, 'ours', '1')
  await until(pods, lister => lister.get(key('ours'))?.spec.nodeName === 'n1')
  expect(informers.informer(pods).get(key('gated'))?.spec.nodeName).toBeUndefined()
  expect(informers.informer(pods).get(key('foreign'))?.spec.nodeName).toBeUndefined()
  await client.patch(pods, key('gated'), {
    type: 'application/merge-patch+json',
    body: { spec: { schedulingGates: null } },
  })
  await until(pods, lister => lister.get(key('gated'))?.spec.nodeName === 'n1')
})

test('makes room for an important pod: the victim is told, deleted, and its place taken', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await client.create(priorityClasses, { metadata: { name: 'important' }, value: 1000 })
  await cluster.addNode('n1', { cpu: '2' })
  await create(cluster, 'small', '500m')
  await create(cluster, 'large', '1')
  await until(pods, lister => lister.list('default').filter(pod => pod.status?.phase === 'Running').length === 2)
  const finalizers = ['example.com/look']
  await client.patch(pods, key('large'), { type: 'application/merge-patch+json', body: { metadata: { finalizers } } })
  await create(cluster, 'important', '1500m', { priorityClassName: 'important' })

  await until(pods, lister => !!lister.get(key('large'))?.metadata.deletionTimestamp)
  const victim = await client.get(pods, key('large'))
  expect(victim.status?.conditions?.find(each => each.type === 'DisruptionTarget')).toMatchObject({
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  })
  await until(pods, lister => lister.get(key('important'))?.status?.nominatedNodeName === 'n1')
  const { uid } = (await client.get(pods, key('important'))).metadata
  await until(events, lister =>
    lister
      .list('default')
      .some(each => each.reason === 'Preempted' && each.message === `Preempted by pod ${uid} on node n1`),
  )
  await client.patch(pods, key('large'), {
    type: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  })
  await until(pods, lister => lister.get(key('important'))?.spec.nodeName === 'n1')
  await until(pods, lister => !lister.get(key('important'))?.status?.nominatedNodeName)
  expect((await client.get(pods, key('small'))).metadata.deletionTimestamp).toBeUndefined()
})

test('waits for its volumes: chooses the node, binds the volume that is there, and waits for the claim', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await cluster.addNode('n1')
  await cluster.addNode('n2')
  await client.create(storageClasses, {
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  const onNode = (name: string) => ({
    required: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }] },
  })
  const spec = { storageClassName: 'local', accessModes: ['ReadWriteOnce'] }
  await client.create(persistentVolumeClaims, {
    metadata: key('data'),
    spec: { ...spec, resources: { requests: { storage: '1Gi' } } },
  })
  await create(cluster, 'db', '1', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })
  await until(
    pods,
    lister =>
      !!lister
        .get(key('db'))
        ?.status?.conditions?.find(each => each.type === 'PodScheduled')
        ?.message?.startsWith("0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind."),
  )
  await client.create(persistentVolumes, {
    metadata: { name: 'disk' },
    spec: { ...spec, capacity: { storage: '2Gi' }, local: { path: '/mnt' }, nodeAffinity: onNode('n2') },
  })
  await until(pods, lister => lister.get(key('db'))?.spec.nodeName === 'n2')
  expect((await client.get(persistentVolumeClaims, key('data'))).spec.volumeName).toBe('disk')
})

test('a pod that is deleted while it waits for its volumes leaves nothing behind', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await cluster.addNode('n1', { cpu: '1' })
  await client.create(storageClasses, {
    metadata: { name: 'slow' },
    provisioner: 'example.com/slow',
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  const spec = { storageClassName: 'slow', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  await client.create(persistentVolumeClaims, { metadata: key('data'), spec })
  await create(cluster, 'db', '1', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] })
  await until(
    persistentVolumeClaims,
    lister => lister.get(key('data'))?.metadata.annotations?.['volume.kubernetes.io/selected-node'] === 'n1',
  )
  await create(cluster, 'next', '1')
  await until(pods, lister => !!lister.get(key('next'))?.status?.conditions?.some(c => c.reason === 'Unschedulable'))
  await client.delete(pods, key('db'))
  await until(pods, lister => lister.get(key('next'))?.spec.nodeName === 'n1')
})

test('devices are allocated to the claims of pods and reserved for them; who gets none waits for more devices', async () => {
  await using cluster = await startControllers()
  const { client, until, clock } = cluster
  await cluster.addNode('a', { cpu: '2' })
  await cluster.addNode('b', { cpu: '2' })
  const driver = 'gpu.example.com'
  const expression = `device.driver == "${driver}" && device.attributes["${driver}"].model == "big"`
  await client.create(deviceClasses, { metadata: { name: 'gpu' }, spec: { selectors: [{ cel: { expression } }] } })
  const publish = (name: string) =>
    client.create(resourceSlices, {
      metadata: { name },
      spec: {
        driver,
        nodeName: 'b',
        pool: { name, generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'gpu-0', attributes: { model: { string: 'big' } } }],
      },
    })
  await publish('pool-0')
  for (const name of ['first', 'second']) {
    const devices = { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu' } }] }
    await client.create(resourceClaims, { metadata: key(name), spec: { devices } })
    await create(cluster, name, '100m', {
      containers: [{ name: 'main', image: 'x', resources: { claims: [{ name: 'gpu' }] } }],
      resourceClaims: [{ name: 'gpu', resourceClaimName: name }],
    })
    await until(
      pods,
      lister =>
        !!lister.get(key(name))?.status?.conditions?.some(c => c.type === 'PodScheduled') ||
        !!lister.get(key(name))?.spec.nodeName,
    )
  }
  const first = await client.get(pods, key('first'))
  expect(first.spec.nodeName).toBe('b')
  const { metadata, status } = await client.get(resourceClaims, key('first'))
  expect(metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection'])
  expect(status?.reservedFor).toEqual([{ resource: 'pods', name: 'first', uid: first.metadata.uid }])
  expect(status?.allocation).toMatchObject({
    devices: { results: [{ request: 'r', driver, pool: 'pool-0', device: 'gpu-0' }] },
    nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', values: ['b'] }] }] },
  })
  const waiting = (await client.get(pods, key('second'))).status?.conditions?.find(c => c.type === 'PodScheduled')
  expect(waiting?.message).toMatch(/^0\/2 nodes are available: 2 cannot allocate all claims\. /)

  await publish('pool-1')
  await until(resourceSlices, lister => lister.list().length === 2)
  await clock.advance(1000)
  await until(pods, lister => lister.get(key('second'))?.spec.nodeName === 'b')
})
