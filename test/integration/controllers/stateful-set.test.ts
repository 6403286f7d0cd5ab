import { expect, test } from 'vitest'
import { controllerRevisions, statefulSets } from '../../../shared/api/apps.ts'
import { events, persistentVolumeClaims, pods, serviceAccounts } from '../../../shared/api/core.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'
import { images, patchWeb, podNames, podsOf, report, setImage, untilWeb, web, webKey, www } from './stateful-sets.ts'

const pod = (name: string) => ({ namespace: 'default', name })
const ready = { readyReplicas: 3, availableReplicas: 3, replicas: 3 }
const untilPods = (cluster: TestCluster, names: string[]) =>
  cluster.until(pods, () => podNames(cluster).join() === names.join())

test('creates pods in order, each with its identity, and deletes them in reverse', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client } = cluster
  await client.create(statefulSets, web())
  await untilPods(cluster, ['web-0'])
  expect(podsOf(cluster)[0]).toMatchObject({
    metadata: {
      labels: { app: 'nginx', 'statefulset.kubernetes.io/pod-name': 'web-0', 'apps.kubernetes.io/pod-index': '0' },
    },
    spec: { hostname: 'web-0', subdomain: 'nginx' },
  })
  await report(cluster, podsOf(cluster)[0], 'Running')
  await untilPods(cluster, ['web-0', 'web-1'])
  await report(cluster, podsOf(cluster)[1], 'Running')
  await untilPods(cluster, ['web-0', 'web-1', 'web-2'])
  await report(cluster, podsOf(cluster)[2], 'Running')
  await untilWeb(cluster, { ...ready, currentReplicas: 3, updatedReplicas: 3 })

  const gone: string[] = []
  using _ = cluster.informers.informer(pods).on({ deleted: ({ metadata }) => gone.push(metadata.name) })
  await patchWeb(cluster, { replicas: 1 })
  await untilPods(cluster, ['web-0'])
  expect(gone).toEqual(['web-2', 'web-1'])
})

test('an unhealthy pod halts scaling up and down until it is mended', async () => {
  await using cluster = await startControllers({ startsPods: false })
  await cluster.client.create(statefulSets, web({ replicas: 2 }))
  for (const name of ['web-0', 'web-1']) {
    await cluster.until(pods, lister => lister.get(pod(name)) !== undefined)
    await report(cluster, cluster.informers.informer(pods).get(pod(name)), 'Running')
  }
  await untilWeb(cluster, { readyReplicas: 2 })
  const type = 'application/merge-patch+json'
  const conditions = [{ type: 'Ready', status: 'False' }]
  await cluster.client.patch(pods, pod('web-0'), { type, body: { status: { conditions } }, subresource: 'status' })
  await untilWeb(cluster, { readyReplicas: 1 })
  await patchWeb(cluster, { replicas: 3 })
  await untilWeb(cluster, { readyReplicas: 1, replicas: 2 })
  await patchWeb(cluster, { replicas: 1 })
  await untilWeb(cluster, { readyReplicas: 1, replicas: 2 })
  expect(podNames(cluster)).toEqual(['web-0', 'web-1'])
  await report(cluster, podsOf(cluster)[0], 'Running')
  await untilPods(cluster, ['web-0'])
})

test('Parallel creates and deletes all pods at once', async () => {
  await using cluster = await startControllers({ startsPods: false })
  await cluster.client.create(statefulSets, web({ podManagementPolicy: 'Parallel' }))
  await untilPods(cluster, ['web-0', 'web-1', 'web-2'])
  await patchWeb(cluster, { replicas: 0 })
  await untilPods(cluster, [])
})

test('ordinals begin where the set says', async () => {
  await using cluster = await startControllers()
  await cluster.addNode('n1')
  await cluster.client.create(statefulSets, web({ ordinals: { start: 5 }, replicas: 2 }))
  await untilWeb(cluster, { readyReplicas: 2 })
  expect(podNames(cluster)).toEqual(['web-5', 'web-6'])
  await patchWeb(cluster, { ordinals: { start: 6 } })
  await untilPods(cluster, ['web-6', 'web-7'])
})

test('rolls an update out from the last pod to the first, and back to the old revision', async () => {
  await using cluster = await startControllers()
  const { client, informers } = cluster
  await cluster.addNode('n1')
  await client.create(statefulSets, web())
  await untilWeb(cluster, ready)
  const { currentRevision = '' } = informers.informer(statefulSets).get(webKey)?.status ?? {}

  const gone: string[] = []
  using _ = informers.informer(pods).on({ deleted: ({ metadata }) => gone.push(metadata.name) })
  await setImage(cluster, 'nginx:2')
  await cluster.until(statefulSets, lister => {
    const { currentRevision: now, updateRevision } = lister.get(webKey)?.status ?? {}
    return now === updateRevision && now !== currentRevision
  })
  expect(gone).toEqual(['web-2', 'web-1', 'web-0'])
  expect(images(cluster)).toEqual(['web-0=nginx:2', 'web-1=nginx:2', 'web-2=nginx:2'])

  await setImage(cluster, 'nginx:1')
  await untilWeb(cluster, { ...ready, currentRevision, updateRevision: currentRevision })
  const revisions = informers.informer(controllerRevisions).list('default')
  expect(revisions.map(each => each.revision).sort()).toEqual([2, 3])
  expect(revisions.find(each => each.metadata.name === currentRevision)?.revision).toBe(3)
})

test('a partition keeps the pods below it as they were, even when they are made anew', async () => {
  await using cluster = await startControllers()
  const { client, informers } = cluster
  await cluster.addNode('n1')
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }
  await client.create(statefulSets, web({ updateStrategy }))
  await untilWeb(cluster, ready)
  await setImage(cluster, 'nginx:2')
  await untilWeb(cluster, { ...ready, updatedReplicas: 1, currentReplicas: 2 })
  expect(images(cluster)).toEqual(['web-0=nginx:1', 'web-1=nginx:1', 'web-2=nginx:2'])

  const before = informers.informer(pods).get(pod('web-0'))?.metadata.uid
  await client.delete(pods, pod('web-0'))
  await cluster.until(pods, lister => ![undefined, before].includes(lister.get(pod('web-0'))?.metadata.uid))
  await untilWeb(cluster, { ...ready, updatedReplicas: 1 })
  expect(images(cluster)[0]).toBe('web-0=nginx:1')

  await patchWeb(cluster, { updateStrategy: { rollingUpdate: { partition: 0 } } })
  await untilWeb(cluster, { ...ready, updatedReplicas: 3, currentReplicas: 3 })
})

test('OnDelete updates a pod when it is deleted by hand', async () => {
  await using cluster = await startControllers()
  await cluster.addNode('n1')
  await cluster.client.create(statefulSets, web({ updateStrategy: { type: 'OnDelete' } }))
  await untilWeb(cluster, ready)
  await setImage(cluster, 'nginx:2')
  await untilWeb(cluster, { ...ready, updatedReplicas: 0 })
  await cluster.client.delete(pods, pod('web-1'))
  await untilWeb(cluster, { ...ready, updatedReplicas: 1 })
  expect(images(cluster)).toEqual(['web-0=nginx:1', 'web-1=nginx:2', 'web-2=nginx:1'])
})

test('keeps no more revisions than the history limit', async () => {
  await using cluster = await startControllers()
  await cluster.addNode('n1')
  await cluster.client.create(statefulSets, web({ replicas: 1, revisionHistoryLimit: 1 }))
  await untilWeb(cluster, { readyReplicas: 1 })
  for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
    await setImage(cluster, image)
    await cluster.until(pods, () => images(cluster).join() === `web-0=${image}`)
    await untilWeb(cluster, { readyReplicas: 1, updatedReplicas: 1 })
  }
  await cluster.until(controllerRevisions, lister =>
    ['3,4', '4,3'].includes(
      lister
        .list('default')
        .map(each => each.revision)
        .join(),
    ),
  )
})

test('a failed and a finished pod are made anew under their names', async () => {
  await using cluster = await startControllers({ startsPods: false })
  await cluster.client.create(statefulSets, web({ replicas: 1 }))
  for (const phase of ['Failed', 'Succeeded'] as const) {
    await cluster.until(pods, lister => lister.get(pod('web-0'))?.status?.phase === 'Pending')
    const before = podsOf(cluster)[0]
    await report(cluster, before, phase)
    await cluster.until(pods, lister => {
      const now = lister.get(pod('web-0'))
      return now !== undefined && now.metadata.uid !== before?.metadata.uid
    })
  }
})

test('minReadySeconds makes the next pod wait until this one is available', async () => {
  await using cluster = await startControllers()
  await cluster.addNode('n1')
  await cluster.client.create(statefulSets, web({ replicas: 2, minReadySeconds: 30 }))
  await untilWeb(cluster, { readyReplicas: 1, availableReplicas: 0, replicas: 1 })
  await cluster.clock.advance(30_000)
  await untilWeb(cluster, { readyReplicas: 2, availableReplicas: 1 })
  await cluster.renew('n1')
  await cluster.clock.advance(30_000)
  await untilWeb(cluster, { readyReplicas: 2, availableReplicas: 2 })
})

test('adopts an orphan of its name, leaves others alone and repairs the labels of its pods', async () => {
  await using cluster = await startControllers()
  const { client, informers, until } = cluster
  await cluster.addNode('n1')
  const account = { namespace: 'default', name: 'default' }
  await until(serviceAccounts, lister => lister.get(account) !== undefined)
  const { template } = web().spec
  const labels = template.metadata?.labels ?? {}
  const spec = template.spec ?? { containers: [] }
  await client.create(pods, { metadata: { ...pod('web-0'), labels }, spec })
  await client.create(pods, { metadata: { ...pod('other-0'), labels }, spec })
  const set = await client.create(statefulSets, web({ replicas: 1, updateStrategy: { type: 'OnDelete' } }))
  await until(pods, lister => lister.get(pod('web-0'))?.metadata.ownerReferences?.[0]?.uid === set.metadata.uid)
  await until(
    pods,
    lister => lister.get(pod('web-0'))?.metadata.labels?.['statefulset.kubernetes.io/pod-name'] === 'web-0',
  )
  expect(informers.informer(pods).get(pod('other-0'))?.metadata.ownerReferences ?? []).toEqual([])
})

test('each pod has a claim of its own that outlives it', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client, informers, until } = cluster
  await client.create(statefulSets, web({ podManagementPolicy: 'Parallel', volumeClaimTemplates: [www] }))
  await untilPods(cluster, ['web-0', 'web-1', 'web-2'])
  await until(persistentVolumeClaims, lister => lister.list('default').length === 3)
  expect(podsOf(cluster)[1]?.spec.volumes?.[0]).toEqual({
    name: 'www',
    persistentVolumeClaim: { claimName: 'www-web-1' },
  })
  expect(informers.informer(persistentVolumeClaims).get(pod('www-web-1'))).toMatchObject({
    metadata: { labels: { app: 'nginx' } },
    spec: { resources: { requests: { storage: '1Gi' } } },
  })
  await client.delete(statefulSets, webKey)
  await untilPods(cluster, [])
  expect(informers.informer(persistentVolumeClaims).list('default')).toHaveLength(3)
})

test('the retention policy takes claims along when the set shrinks and when it is deleted', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  await cluster.addNode('n1')
  const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Delete' }
  const spec = { podManagementPolicy: 'Parallel', volumeClaimTemplates: [www], persistentVolumeClaimRetentionPolicy }
  await client.create(statefulSets, web({ ...spec, replicas: 2 }))
  await until(persistentVolumeClaims, lister => {
    const owners = lister.list('default').flatMap(({ metadata }) => metadata.ownerReferences ?? [])
    return owners.length === 2 && owners.every(({ kind, controller }) => kind === 'StatefulSet' && controller)
  })
  await patchWeb(cluster, { replicas: 1 })
  await untilPods(cluster, ['web-0'])
  await until(
    persistentVolumeClaims,
    lister => lister.get(pod('www-web-1'))?.metadata.ownerReferences?.[0]?.kind === 'Pod',
  )
  await client.delete(statefulSets, webKey)
  await until(persistentVolumeClaims, lister =>
    lister.list('default').every(({ metadata }) => metadata.deletionTimestamp !== undefined),
  )
  await untilPods(cluster, [])
})

test('tells of what it does in events', async () => {
  await using cluster = await startControllers({ startsPods: false })
  await cluster.client.create(statefulSets, web({ replicas: 1, volumeClaimTemplates: [www] }))
  await cluster.until(events, lister => {
    const said = lister.list('default').map(({ reason, message }) => `${reason ?? ''}: ${message ?? ''}`)
    return [
      'SuccessfulCreate: Create Claim www-web-0 Pod web-0 in StatefulSet web success',
      'SuccessfulCreate: Create Pod web-0 in StatefulSet web successful',
    ].every(text => said.includes(text))
  })
})
