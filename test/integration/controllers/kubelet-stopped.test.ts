import { expect, test } from 'vitest'
import { createSimulatedNode } from '../../../main/cluster/simulated-node.ts'
import { defaultConfiguration } from '../../../main/kubelet/configuration/kubelet-configuration.ts'
import { createKubelet, type Kubelet } from '../../../main/kubelet/kubelet.ts'
import { deployments } from '../../../shared/api/apps.ts'
import { leases } from '../../../shared/api/coordination.ts'
import { nodes, pods } from '../../../shared/api/core.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { deployment } from './objects.ts'
import { podUids, startControllers, type TestCluster } from './start-controllers.ts'

const ranges = { up: '10.244.1.0/24', down: '10.244.2.0/24' }

/** A real kubelet over the simulated runtime. */
async function startKubelet({ client, informers, clock }: TestCluster, nodeName: 'up' | 'down') {
  await using opening = new AsyncDisposableStack()
  const node = opening.use(await createSimulatedNode({ informers, nodeName, podCIDR: ranges[nodeName], clock }))
  const kubelet: Kubelet = createKubelet({
    ...node,
    nodeName,
    client,
    informers,
    recorder: { event() {} },
    clock,
    random: () => 0.5,
    log: silent,
    settings: {
      clusterDNS: '10.96.0.10',
      clusterDomain: 'cluster.local',
      addresses: node.addresses,
      capacity: { cpu: '8', memory: '16Gi', pods: '110' },
      labels: {},
      configuration: defaultConfiguration,
      hostDns: { nameservers: [], searches: [], options: [] },
      kubeletVersion: 'v1.36.0',
    },
  })
  opening.use(kubelet)
  await kubelet.registered
  return opening.move()
}

const lease = (name: string) => ({ namespace: 'kube-node-lease', name })

/** Time goes by; after every ten seconds these nodes have renewed their Leases before it goes on. */
async function pass({ clock, until }: TestCluster, seconds: number, alive: readonly string[]) {
  for (let left = seconds; left > 0; left -= 10) {
    await clock.advance(10_000)
    await until(leases, lister =>
      alive.every(name => Date.parse(lister.get(lease(name))?.spec?.renewTime ?? '') > clock.now() - 20_000),
    )
  }
}

async function withTwoKubelets() {
  await using opening = new AsyncDisposableStack()
  const cluster = opening.use(await startControllers({ startsPods: false }))
  opening.use(await startKubelet(cluster, 'up'))
  const down = opening.use(await startKubelet(cluster, 'down'))
  await cluster.client.create(deployments, deployment('web', { replicas: 4 }))
  await runningOn(cluster, ['up', 'down'])
  return { cluster, down, owned: opening.move() }
}

const runningOn = ({ until }: TestCluster, names: readonly string[]) =>
  until(pods, lister => {
    const all = lister.list('default')
    const isRunning = all.every(pod => pod.status?.phase === 'Running' && names.includes(pod.spec.nodeName ?? ''))
    return all.length === 4 && isRunning
  })

test('when a kubelet stops, its node is marked after the grace period and its pods move after tolerationSeconds', async () => {
  const { cluster, down, owned } = await withTwoKubelets()
  await using _ = owned
  const { until, informers, clock } = cluster
  const onDown = () =>
    informers
      .informer(pods)
      .list('default')
      .filter(pod => pod.spec.nodeName === 'down')
  const before = onDown().length
  expect(before).toBeGreaterThan(0)
  await down.disposeAsync()
  const stopped = clock.now()
  const ready = () =>
    informers
      .informer(nodes)
      .get({ namespace: '', name: 'down' })
      ?.status?.conditions?.find(condition => condition.type === 'Ready')
  await pass(cluster, 30, ['up'])
  expect(ready()?.status).toBe('True')
  await pass(cluster, 30, ['up'])
  await until(nodes, () => ready()?.status === 'Unknown')
  await until(
    nodes,
    lister =>
      lister
        .get({ namespace: '', name: 'down' })
        ?.spec?.taints?.some(({ key, effect }) => key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute') ??
      false,
  )
  await pass(cluster, 270, ['up'])
  expect(onDown().filter(pod => !pod.metadata.deletionTimestamp)).toHaveLength(before)
  await pass(cluster, 60, ['up'])
  // Nobody is left on the node to end its pods, so they stay, marked, and others take their place.
  await until(
    pods,
    lister =>
      onDown().every(pod => !!pod.metadata.deletionTimestamp) &&
      lister.list('default').filter(pod => pod.spec.nodeName === 'up' && pod.status?.phase === 'Running').length === 4,
  )
  expect(clock.now() - stopped).toBeLessThanOrEqual(390_000)
})

test('after a night of sleep kubelets go on where they were: no pod moves and nothing is caught up on', async () => {
  const { cluster, owned } = await withTwoKubelets()
  await using _ = owned
  const { informers, clock } = cluster
  await pass(cluster, 60, ['up', 'down'])
  const before = podUids(cluster)
  const unready: string[] = []
  let writes = 0
  const wrote = () => {
    writes++
  }
  using _nodes = informers.informer(nodes).on({
    updated({ metadata, status }) {
      wrote()
      if (status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is !== 'True'))
        unready.push(metadata.name)
    },
  })
  using _pods = informers.informer(pods).on({ updated: wrote, deleted: wrote })
  using _leases = informers.informer(leases).on({ updated: wrote })
  await clock.jump(8 * 3_600_000)
  await pass(cluster, 60, ['up', 'down'])
  expect(unready).toEqual([])
  expect(podUids(cluster)).toEqual(before)
  // Two Leases every ten seconds, and a status of each node now and then.
  expect(writes).toBeLessThan(40)
})
