import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createKubelets } from '../../../main/cluster/kubelets.ts'
import { createNodes } from '../../../main/cluster/nodes.ts'
import { deployments } from '../../../shared/api/apps.ts'
import { events, nodes, pods, type Node, type Pod } from '../../../shared/api/core.ts'
import { createClient } from '../../../shared/client/create-client.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { nodeAnnotations, simulationAnnotations } from '../../../shared/machinery/logical-node.ts'
import { defaultConfiguration } from '../../../main/kubelet/configuration/kubelet-configuration.ts'
import { deployment } from './objects.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const directory = mkdtempSync(join(tmpdir(), 'podbay-manifests-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** The nodes of an engine without Docker, as it is started over what the cluster has. */
async function runNodes({ server, informers, clock }: TestCluster) {
  const kubelets = createKubelets()
  const running = await createNodes({
    firstName: 'first',
    dependencies: {
      clientOf: () => createClient(server.admin),
      informers,
      kubelets,
      clusterDNS: '10.96.0.10',
      clusterDomain: 'cluster.local',
      kubeletVersion: 'v1.36.0',
      kubeletConfiguration: defaultConfiguration,
      manifests: directory,
      clock,
      random: () => 0.5,
      log: silent,
    },
  })
  return { ...running, kubelets }
}

const simulated = (name: string, annotations: Record<string, string> = {}) => ({
  metadata: { name, annotations: { [nodeAnnotations.runtime]: 'simulated', ...annotations } },
})
const readyOf = (node: Node | undefined) => node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status
const isReady = ({ until }: TestCluster, name: string) =>
  until(nodes, lister => readyOf(lister.get({ namespace: '', name })) === 'True')
/** Lets time go by, slowly enough for Leases to be written, until something holds. */
const pass = ({ clock }: TestCluster, holds: () => boolean) =>
  expect
    .poll(
      async () => {
        await clock.advance(1_000)
        return holds()
      },
      { interval: 5, timeout: 30_000 },
    )
    .toBe(true)
const bare = (name: string, nodeName: string, more: Partial<Pod> = {}) => ({
  ...more,
  metadata: { name, namespace: 'default', ...more.metadata },
  spec: { nodeName, containers: [{ name: 'app', image: 'a:1' }], ...more.spec },
})
const phase = ({ until }: TestCluster, name: string, wanted: string) =>
  until(pods, lister => lister.get({ namespace: 'default', name })?.status?.phase === wanted)

test('a Node that asks for it is run: capacity, labels, addresses of its own, pods that start in their time', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client, informers } = cluster
  await using _ = await runNodes(cluster)
  const capacity = { [nodeAnnotations.capacity]: 'cpu=16,memory=64Gi' }
  for (const name of ['a', 'b']) await client.create(nodes, simulated(name, capacity))
  for (const name of ['first', 'a', 'b']) await isReady(cluster, name)
  const [a, b] = ['a', 'b'].map(name => informers.informer(nodes).get({ namespace: '', name }))
  expect(a?.status?.capacity).toMatchObject({ cpu: '16', memory: '64Gi', pods: '110' })
  expect(a?.metadata.labels).toMatchObject({ 'kubernetes.io/hostname': 'a', 'kubernetes.io/os': 'linux' })
  expect(a?.spec?.podCIDR).not.toBe(b?.spec?.podCIDR)

  const annotations = { [simulationAnnotations.startTime]: '3s', [simulationAnnotations.runTime]: '1m' }
  const spec = { restartPolicy: 'Never', containers: [{ name: 'app', image: 'a:1' }] }
  await client.create(pods, bare('job', 'a', { metadata: { name: 'job', uid: '', annotations }, spec }))
  await phase(cluster, 'job', 'Pending')
  const job = () => informers.informer(pods).get({ namespace: 'default', name: 'job' })
  await pass(cluster, () => job()?.status?.phase === 'Succeeded')
  const { startTime = '', containerStatuses } = job()?.status ?? {}
  const { startedAt = '', finishedAt = '', exitCode } = containerStatuses?.[0]?.state?.terminated ?? {}
  expect(Date.parse(startedAt) - Date.parse(startTime)).toBeGreaterThanOrEqual(3_000)
  expect(Date.parse(finishedAt) - Date.parse(startedAt)).toBeGreaterThanOrEqual(59_000)
  expect(exitCode).toBe(0)
})

test('a node that is stopped is not heard of and loses its pods, and comes back when it is started', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client, until, informers } = cluster
  await using running = await runNodes(cluster)
  await client.create(nodes, simulated('a'))
  await isReady(cluster, 'first')
  await isReady(cluster, 'a')
  const web = deployment('web', { replicas: 4 })
  const { spec } = web.spec.template
  if (spec)
    spec.tolerations = [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
    ]
  await client.create(deployments, web)
  const live = () =>
    informers
      .informer(pods)
      .list('default')
      .filter(pod => !pod.metadata.deletionTimestamp)
  await until(pods, () => live().length === 4 && live().every(({ status }) => status?.phase === 'Running'))
  expect(live().some(pod => pod.spec.nodeName === 'a')).toBe(true)

  const stopped = (value: string | null) =>
    client.patch(
      nodes,
      { namespace: '', name: 'a' },
      {
        type: 'application/merge-patch+json',
        body: { metadata: { annotations: { [nodeAnnotations.stopped]: value } } },
      },
    )
  await stopped('true')
  await until(
    nodes,
    lister => lister.get({ namespace: '', name: 'a' })?.metadata.annotations?.[nodeAnnotations.stopped] === 'true',
  )
  const [onIt] = live().filter(pod => pod.spec.nodeName === 'a')
  if (!onIt) throw new Error('no pod is on the node')
  const log = () =>
    running.kubelets.logs(onIt, 'main', {
      follow: false,
      previous: false,
      timestamps: false,
      signal: AbortSignal.timeout(9000),
    })
  await expect
    .poll(() =>
      log().then(
        () => '',
        (error: unknown) => String(error),
      ),
    )
    .toContain('no kubelet runs for node a')
  await pass(cluster, () => readyOf(informers.informer(nodes).get({ namespace: '', name: 'a' })) === 'Unknown')
  await pass(cluster, () => live().length === 4 && live().every(pod => pod.spec.nodeName === 'first'))

  await stopped(null)
  await isReady(cluster, 'a')
  await until(pods, lister => lister.list('default').every(pod => pod.spec.nodeName === 'first'))
})

test('nodes are there again after a restart with the pods they had, and are gone for good when they are deleted', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client, informers } = cluster
  const before = await runNodes(cluster)
  await client.create(nodes, simulated('a'))
  await isReady(cluster, 'a')
  await client.create(pods, bare('p', 'a'))
  await phase(cluster, 'p', 'Running')
  const address = informers.informer(pods).get({ namespace: 'default', name: 'p' })?.status?.podIP
  await before[Symbol.asyncDispose]()
  await using after = await runNodes(cluster)
  await client.create(pods, bare('q', 'a'))
  await phase(cluster, 'q', 'Running')
  expect(informers.informer(pods).get({ namespace: 'default', name: 'p' })?.status).toMatchObject({ podIP: address })
  await expect(after.dial(address ?? '', 80, AbortSignal.timeout(9000))).rejects.toThrow(
    'nothing listens on a simulated node',
  )

  await client.delete(nodes, { namespace: '', name: 'a' })
  await pass(cluster, () => informers.informer(pods).list('default').length === 0)
  expect(
    informers
      .informer(nodes)
      .list()
      .map(({ metadata }) => metadata.name),
  ).toEqual(['first'])
})

test('a Node whose wish makes no sense says so in an Event', async () => {
  await using cluster = await startControllers({ startsPods: false })
  const { client } = cluster
  await using _ = await runNodes(cluster)
  await client.create(nodes, simulated('a', { [nodeAnnotations.capacity]: 'cpu=many' }))
  const docker = { metadata: { name: 'b', annotations: { [nodeAnnotations.runtime]: 'docker' } } }
  await client.create(nodes, docker)
  await cluster.until(events, lister => {
    const told = lister
      .list()
      .filter(({ reason }) => reason === 'InvalidNode')
      .map(({ message }) => message)
    return (
      told.some(text => text?.includes('podbay.io/capacity: "cpu=many"')) &&
      told.some(text => text?.includes('without Docker'))
    )
  })
})
