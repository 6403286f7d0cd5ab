import { expect, test } from 'vitest'
import { events, pods, serviceAccounts, type Pod } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import { resourceClaims, resourceClaimTemplates, type ResourceClaim } from '../../../shared/api/resource.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const merge = 'application/merge-patch+json'
const keyOf = (name: string) => ({ namespace: 'default', name })
const devices = { requests: [{ name: 'cat', exactly: { deviceClassName: 'resource.example.com' } }] }

/** The documentation's template of large black cats. */
const template = {
  metadata: keyOf('large-black-cat-claim-template'),
  spec: { metadata: { labels: { pet: 'cat' }, annotations: { of: 'docs' } }, spec: { devices } },
}

/** Its pod, bound past the scheduler, which knows no such devices. */
const withCats = (name = 'pod-with-cats'): Draft<Pod> => ({
  metadata: keyOf(name),
  spec: {
    nodeName: 'n1',
    containers: [{ name: 'main', image: 'busybox', resources: { claims: [{ name: 'cat-0' }] } }],
    resourceClaims: [{ name: 'cat-0', resourceClaimTemplateName: template.metadata.name }],
  },
})

async function start() {
  const cluster = await startControllers({ startsPods: false })
  await cluster.addNode('n1')
  await cluster.until(serviceAccounts, lister => lister.get(keyOf('default')) !== undefined)
  return cluster
}

const report = ({ client }: TestCluster, name: string, status: Pod['status']) =>
  client.patch(pods, keyOf(name), { type: merge, body: { status }, subresource: 'status' })

const claimOf = ({ informers }: TestCluster): ResourceClaim | undefined =>
  informers.informer(resourceClaims).list('default')[0]

const allocation = { devices: { results: [{ request: 'cat', driver: 'example.com', pool: 'n1', device: 'cat-1' }] } }

/** What the scheduler does with a claim. */
async function allocate({ client }: TestCluster, name: string, consumers: Pod[]) {
  const claim = await client.get(resourceClaims, keyOf(name))
  const finalizers = ['resource.kubernetes.io/delete-protection']
  const held = await client.update(resourceClaims, { ...claim, metadata: { ...claim.metadata, finalizers } })
  const reservedFor = consumers.map(({ metadata: { name: pod, uid } }) => ({ resource: 'pods', name: pod, uid }))
  await client.update(resourceClaims, { ...held, status: { allocation, reservedFor } }, 'status')
}

test('a pod gets a claim of its own from the template, as soon as that is there', async () => {
  await using cluster = await start()
  const { client, until } = cluster
  const pod = await client.create(pods, withCats())
  await until(events, lister =>
    lister
      .list('default')
      .some(
        ({ reason, message }) =>
          reason === 'FailedResourceClaimCreation' &&
          message ===
            'PodResourceClaim cat-0: resource claim template "large-black-cat-claim-template": resourceclaimtemplate.resource.k8s.io "large-black-cat-claim-template" not found',
      ),
  )
  await client.create(resourceClaimTemplates, template)
  await until(pods, lister => lister.get(keyOf('pod-with-cats'))?.status?.resourceClaimStatuses?.length === 1)
  const claim = claimOf(cluster)
  expect(claim).toMatchObject({
    metadata: {
      generateName: 'pod-with-cats-cat-0-',
      labels: { pet: 'cat' },
      annotations: { of: 'docs', 'resource.kubernetes.io/pod-claim-name': 'cat-0' },
      ownerReferences: [{ kind: 'Pod', uid: pod.metadata.uid, controller: true }],
    },
    spec: { devices: { requests: [{ name: 'cat' }] } },
  })
  expect(await client.get(pods, keyOf('pod-with-cats'))).toMatchObject({
    status: { resourceClaimStatuses: [{ name: 'cat-0', resourceClaimName: claim?.metadata.name }] },
  })
  // A claim that someone deletes is made again.
  await client.delete(resourceClaims, keyOf(claim?.metadata.name ?? ''))
  await until(resourceClaims, lister => {
    const [other] = lister.list('default')
    return other !== undefined && other.metadata.uid !== claim?.metadata.uid
  })
})

test('an allocated claim is reserved for a bound pod, and given back and deleted when the pod has ended', async () => {
  await using cluster = await start()
  const { client, until } = cluster
  await client.create(resourceClaimTemplates, template)
  const pod = await client.create(pods, withCats())
  await until(resourceClaims, lister => lister.list('default').length === 1)
  const name = claimOf(cluster)?.metadata.name ?? ''
  await allocate(cluster, name, [])
  await until(resourceClaims, lister => lister.get(keyOf(name))?.status?.reservedFor?.length === 1)
  expect(claimOf(cluster)?.status).toMatchObject({
    allocation,
    reservedFor: [{ resource: 'pods', name: 'pod-with-cats', uid: pod.metadata.uid }],
  })
  await report(cluster, 'pod-with-cats', { phase: 'Succeeded' })
  await until(resourceClaims, lister => lister.list('default').length === 0)
})

test('a claim that pods share loses those that are gone, and with the last of them its allocation', async () => {
  await using cluster = await start()
  const { client, until } = cluster
  await client.create(resourceClaims, { metadata: keyOf('shared'), spec: { devices } })
  const sharing = (name: string) => {
    const { metadata, spec } = withCats(name)
    return { metadata, spec: { ...spec, resourceClaims: [{ name: 'cat-0', resourceClaimName: 'shared' }] } }
  }
  const consumers = [await client.create(pods, sharing('a')), await client.create(pods, sharing('b'))]
  await allocate(cluster, 'shared', consumers)
  await client.delete(pods, keyOf('a'), { gracePeriodSeconds: 0 })
  await until(resourceClaims, lister => lister.get(keyOf('shared'))?.status?.reservedFor?.length === 1)
  expect(claimOf(cluster)?.status).toMatchObject({ allocation, reservedFor: [{ name: 'b' }] })
  await client.delete(pods, keyOf('b'), { gracePeriodSeconds: 0 })
  await until(resourceClaims, lister => lister.get(keyOf('shared'))?.metadata.finalizers?.length === 0)
  expect(claimOf(cluster)?.status?.allocation).toBeUndefined()
})
