import { setTimeout as wait } from 'node:timers/promises'
import { startServer } from '../../main/apiserver/testing/start-server.ts'
import { createScheduler } from '../../main/scheduler/create-scheduler.ts'
import { nodes, pods, serviceAccounts, type Node, type Pod } from '../../shared/api/core.ts'
import type { Draft } from '../../shared/api/object.ts'
import type { Client } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/create-client.ts'
import { createInformers } from '../../shared/client/create-informers.ts'
import type { Informer } from '../../shared/client/informer.ts'
import { keyOf } from '../../shared/client/key.ts'
import { systemClock as clock } from '../../shared/machinery/clock.ts'
import { silent as log } from '../../shared/machinery/log.ts'
import { spread } from './api-load.ts'
import { timed, type Row } from './measure.ts'

const nodeCount = 5_000
const podCount = 10_000
const clients = 64

/** Binds 10,000 pods to 5,000 nodes through the API server and the store, all in this process. */
export async function benchScheduler(): Promise<Row[]> {
  await using server = await startServer()
  const client = createClient(server.admin)
  const random = Math.random
  await using informers = createInformers({ client, log, clock, random })
  const informer = informers.informer(pods)
  await spread(nodeCount, clients, index => addNode(client, index))
  await client.create(serviceAccounts, { metadata: { namespace: 'default', name: 'default' } })

  const half = podCount / 2
  await spread(half, clients, index => client.create(pods, pod(index)))
  await using _ = createScheduler({ client, informers, clock, random, log })
  const waiting = await timed(() => bound(informer, half))
  await wait(5_000) // the last Events are written
  const cpu = process.cpuUsage()
  await wait(5_000)
  const idle = process.cpuUsage(cpu)
  const arriving = await timed(async () => {
    await spread(half, clients, index => client.create(pods, pod(half + index)))
    await bound(informer, podCount)
  })
  return [
    {
      name: `pods bound, ${nodeCount} nodes, pods waiting`,
      value: (half / waiting) * 1_000,
      unit: '/s',
      aim: '> 1,000',
    },
    { name: `pods created and bound, ${nodeCount} nodes`, value: (half / arriving) * 1_000, unit: '/s' },
    { name: 'CPU when idle', value: (idle.user + idle.system) / 50_000, unit: '% of a core', aim: '< 0.5' },
  ]
}

const bound = (informer: Informer<Pod>, count: number) => {
  let seen = 0
  return new Promise<void>(resolve => {
    const subscription = informer.on({
      added: see,
      updated: (now, before) => (before.spec.nodeName ? undefined : see(now)),
    })
    function see({ spec }: Pod) {
      if (!spec.nodeName || ++seen < count) return
      subscription[Symbol.dispose]()
      resolve()
    }
  })
}

/** Ready at once: admission taints new nodes until the node controller has seen that they are. */
async function addNode(client: Client, index: number) {
  const key = keyOf(await client.create(nodes, node(index)))
  await client.patch(nodes, key, { type: 'application/merge-patch+json', body: { spec: { taints: null } } })
}

const node = (index: number): Draft<Node> => ({
  metadata: {
    name: `node-${index}`,
    labels: { 'kubernetes.io/hostname': `node-${index}`, 'topology.kubernetes.io/zone': `zone-${index % 3}` },
  },
  status: {
    allocatable: { cpu: '4', memory: '32Gi', pods: '110' },
    capacity: { cpu: '4', memory: '32Gi', pods: '110' },
  },
})

/** As upstream's scheduler_perf has it. */
const pod = (index: number): Draft<Pod> => ({
  metadata: { namespace: 'default', name: `pod-${index}` },
  spec: {
    automountServiceAccountToken: false,
    containers: [{ name: 'pause', image: 'pause:1', resources: { requests: { cpu: '100m', memory: '500Mi' } } }],
  },
})
