import type { ApiServerOptions } from '../../../main/apiserver/server.ts'
import { startServer, type TestServer } from '../../../main/apiserver/testing/start-server.ts'
import { controllers } from '../../../main/controllers/controllers.ts'
import type { LiveKinds } from '../../../main/controllers/live-kinds.ts'
import { builtInResources } from '../../../main/resources/resources.ts'
import { createScheduler, type Scheduler } from '../../../main/scheduler/create-scheduler.ts'
import { leases } from '../../../shared/api/coordination.ts'
import { nodes, pods, type Node, type Pod } from '../../../shared/api/core.ts'
import type { KubeObject, ObjectKey } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Client } from '../../../shared/client/client.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { createClient } from '../../../shared/client/create-client.ts'
import { createInformers } from '../../../shared/client/create-informers.ts'
import type { Informers, Lister } from '../../../shared/client/informer.ts'
import { runController } from '../../../shared/client/run-controller.ts'
import { each } from '../../../shared/client/watches.ts'
import { toMicroTime, toTime } from '../../../shared/machinery/clock.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import type { Logger } from '../../../shared/machinery/log.ts'
import { createFakeClock, type FakeClock } from '../../helpers/fake-clock.ts'

/** Every kind that can be watched. */
export const allKinds = builtInResources.filter(({ verbs }) => verbs.includes('watch')).map(resource => resource.ref)

/**
 * A real store and API server with all controllers and the scheduler; pods are played, time is moved by hand. Disposing
 * fails if a controller logged an error.
 */
export interface TestCluster extends AsyncDisposable {
  readonly server: TestServer
  readonly client: Client
  readonly informers: Informers
  readonly scheduler: Scheduler
  readonly clock: FakeClock
  /** Waits for a state of one kind; fails after 15 s with what there is instead. */
  readonly until: <T extends KubeObject>(ref: ResourceRef<T>, holds: (lister: Lister<T>) => boolean) => Promise<void>
  addNode(
    name: string,
    more?: { cpu?: string; pods?: string; taints?: NonNullable<Node['spec']>['taints'] },
  ): Promise<Node>
  /** Renews a node's Lease, as its kubelet would. */
  renew(name: string): Promise<void>
}

interface Options {
  startsPods?: boolean
  /** What the garbage collector and the namespace controller know; all kinds of the server if not given. */
  kinds?: LiveKinds
  /** What the API server is told besides what tests need. */
  server?: Partial<ApiServerOptions>
  /** Makes what is there before the controllers start, as after a restart. */
  prepare?: (client: Client) => Promise<unknown>
  /** Part of the text of errors that a test provokes: they don't count. */
  provokes?: string
}

export async function startControllers(options: Options = {}): Promise<TestCluster> {
  await using opening = new AsyncDisposableStack()
  const clock = createFakeClock(Math.floor(Date.now() / 1000) * 1000)
  const server = opening.use(await startServer(options.server))
  const client = createClient(server.admin)
  await options.prepare?.(client)
  const errors: { message: string; fields?: Record<string, unknown> }[] = []
  const log: Logger = {
    error: (message, fields) => {
      const isProvoked = options.provokes !== undefined && String(fields?.['error']).includes(options.provokes)
      if (!isProvoked) errors.push({ message, ...(fields && { fields }) })
    },
    info() {},
    debug() {},
    with: () => log,
  }
  const random = Math.random
  const informers = opening.use(createInformers({ client, log, clock, random }))
  const dependencies = { client, informers, clock, random, log }
  for (const controller of controllers({
    kinds: options.kinds ?? allKinds,
    rootCa: 'the CA',
    signer: server.server.signer,
    clock,
  }))
    opening.use(runController(controller, dependencies))
  if (options.startsPods !== false) opening.use(runController(playedKubelet, dependencies))
  const scheduler = opening.use(createScheduler(dependencies))

  async function renew(name: string) {
    const key = { namespace: 'kube-node-lease', name }
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: toMicroTime(clock.now()) }
    const old = await client.get(leases, key).catch((error: unknown) => {
      if (isNotFound(error)) return undefined
      throw error
    })
    const written = old
      ? await client.update(leases, { ...old, spec })
      : await client.create(leases, { metadata: key, spec })
    await informers.informer(leases).reached(written.metadata.resourceVersion, AbortSignal.timeout(15_000))
  }

  const owned = opening.move()
  return {
    server,
    client,
    informers,
    scheduler,
    clock,
    renew,
    until: async (ref, holds) => {
      const informer = informers.informer(ref)
      try {
        await informer.until(() => holds(informer), AbortSignal.timeout(15_000))
      } catch (error) {
        const state = JSON.stringify(
          { there: informer.list(), errors },
          (_, value: unknown) => (value instanceof Error ? value.message : value),
          1,
        )
        throw new Error(`never came about; there is ${state.slice(0, 8000)}`, { cause: error })
      }
    },
    async addNode(name, { cpu = '8', pods: podLimit = '110', taints } = {}) {
      await renew(name)
      const now = toTime(clock.now())
      const ready = {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'kubelet is ready',
        lastHeartbeatTime: now,
        lastTransitionTime: now,
      }
      return client.create(nodes, {
        metadata: { name },
        spec: { ...(taints && { taints }) },
        status: { capacity: { cpu, memory: '16Gi', pods: podLimit }, conditions: [ready] },
      })
    },
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync()
      const faults = errors.map(({ message, fields }) => `${message}: ${String(fields?.['error'])}`)
      if (faults.length > 0) throw new Error(`controllers logged errors:\n${faults.join('\n')}`)
    },
  }
}

/** What a kubelet reports, without containers: a bound pod runs and is ready at once, a deleted one stops at once. */
const playedKubelet: Controller = {
  name: 'played-kubelet',
  watches: [each(pods)],
  async reconcile(key: ObjectKey, { client, informers, clock }) {
    const pod = informers.informer(pods).get(key)
    if (!pod?.spec.nodeName) return
    if (pod.metadata.deletionTimestamp) {
      await client
        .delete(pods, key, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } })
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error
        })
    } else if (pod.status?.phase !== 'Running') {
      await client.update(pods, { ...pod, status: running(pod, toTime(clock.now())) }, 'status')
    }
  },
}

let addresses = 0

function running({ spec, status }: Pod, now: string): NonNullable<Pod['status']> {
  const podIP = `10.244.${(addresses >> 8) & 255}.${addresses++ & 255}`
  const isReady = !spec.containers.some(container => container.image === 'never-ready')
  const ready = { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: now }
  const conditions = [...(status?.conditions ?? []).filter(condition => condition.type !== 'Ready'), ready]
  return { ...status, phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions }
}

/** The pods of `default` by their uids: the same list later means that none was replaced. */
export const podUids = ({ informers }: TestCluster) =>
  informers
    .informer(pods)
    .list('default')
    .map(pod => pod.metadata.uid)
    .sort()
