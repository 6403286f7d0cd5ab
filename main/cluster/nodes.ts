import { nodes, pods, type Node } from '../../shared/api/core.ts'
import type { ObjectKey } from '../../shared/api/object.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Controller, ControllerContext } from '../../shared/client/controller.ts'
import { runController } from '../../shared/client/run-controller.ts'
import { each } from '../../shared/client/watches.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { unlessGone } from '../../shared/client/unless-gone.ts'
import { isStopped, nodeAnnotations } from '../../shared/machinery/logical-node.ts'
import { undisturbed } from '../kubelet/simulated/simulation.ts'
import type { DockerNodes } from './docker-nodes.ts'
import type { NodeParts } from './node-parts.ts'
import { planOf, type NodePlan } from './node-plan.ts'
import { firstPodCidr, freePodCidr, isIn } from './pod-cidrs.ts'
import { createSimulatedNode } from './simulated-node.ts'
import { startNode, type NodeDependencies } from './start-node.ts'

/** The nodes that this engine runs. Disposing stops their kubelets; pods stay. */
export interface Nodes extends AsyncDisposable {
  /** What the first node is made of. */
  readonly first: NodeParts
  /** The way to pods of any node. */
  readonly dial: NodeParts['dial']
}

interface Options {
  /** The node that is there without anybody asking for it. */
  firstName: string
  /** Without it the first node is simulated, and so are all others. */
  docker?: DockerNodes
  dependencies: NodeDependencies
}

interface RunningNode extends AsyncDisposable {
  /** As text, to compare it with. */
  plan: string
  /** Of a simulated node. */
  podCIDR: string | undefined
}

/**
 * Runs the first node, and one for each Node object that asks for it by its annotations (`nodeAnnotations`), while the object
 * is there and not stopped. So nodes are added, stopped and removed by whoever may write Nodes, and survive a restart.
 */
export async function createNodes({ firstName, docker, dependencies }: Options): Promise<Nodes> {
  const { clientOf, informers } = dependencies
  const running = new Map<string, RunningNode>()
  /** Nodes on Docker that were seen: what they leave is removed when their objects are. */
  const onDocker = new Set<string>()
  /** Ranges of pods that were chosen and may not be seen in the Node objects yet. */
  const chosen = new Set<string>()
  const lister = informers.informer(nodes)

  /** Of `sweep`: a node that is added again waits for the end of what it left. */
  let sweeping: Promise<unknown> = Promise.resolve()

  const firstPlan: NodePlan = {
    name: firstName,
    runtime: docker ? 'docker' : 'simulated',
    uid: '',
    capacity: {},
    simulation: undisturbed,
  }
  const firstParts = await (docker
    ? docker.create(firstName)
    : createSimulatedNode({ ...dependencies, nodeName: firstName, podCIDR: firstPodCidr }))

  /** The first node's parts stay while it is stopped: the way from all pods to the engine is among them. */
  function startFirst() {
    const kubelet = startNode(firstPlan, firstParts, dependencies)
    const podCIDR = docker ? undefined : firstPodCidr
    const end = () => kubelet[Symbol.asyncDispose]()
    running.set(firstName, { plan: JSON.stringify(firstPlan), podCIDR, [Symbol.asyncDispose]: end })
  }

  async function start(plan: NodePlan, node: Node, context: ControllerContext): Promise<void> {
    const { name: nodeName, simulation } = plan
    const podCIDR = plan.runtime === 'simulated' ? await podCidrOf(node, context) : undefined
    const parts =
      podCIDR !== undefined
        ? await createSimulatedNode({ ...dependencies, nodeName, podCIDR, simulation })
        : await sweeping.then(() => docker?.create(nodeName))
    if (!parts) return
    const stack = new AsyncDisposableStack()
    stack.use(parts)
    stack.use(startNode(plan, parts, dependencies))
    const end = () => stack.disposeAsync()
    running.set(nodeName, { plan: JSON.stringify(plan), podCIDR, [Symbol.asyncDispose]: end })
  }

  async function stop(name: string) {
    const node = running.get(name)
    running.delete(name)
    await node?.[Symbol.asyncDispose]()
  }

  /** A simulated node's range, chosen when it is started for the first time. */
  async function podCidrOf({ metadata, spec }: Node, { client }: ControllerContext): Promise<string> {
    if (spec?.podCIDR) return spec.podCIDR
    const podCIDR = freePodCidr(new Set([...lister.list().map(node => node.spec?.podCIDR ?? ''), ...chosen]))
    chosen.add(podCIDR)
    const body = { metadata: { uid: metadata.uid }, spec: { podCIDR, podCIDRs: [podCIDR] } }
    await client.patch(nodes, { namespace: '', name: metadata.name }, { type: 'application/merge-patch+json', body })
    return podCIDR
  }

  function wanted({ name }: ObjectKey, { recorder }: ControllerContext): NodePlan | undefined {
    const node = lister.get({ namespace: '', name })
    if (name === firstName) return node && isStopped(node) ? undefined : firstPlan
    try {
      const plan = node && planOf(node)
      if (plan?.runtime === 'docker' && !docker)
        throw new Error('this cluster runs without Docker, so its nodes can only be simulated')
      return plan
    } catch (error) {
      if (node) recorder.event(node, 'Warning', 'InvalidNode', error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  /** What still runs of a node that is stopped ends, and what a node leaves that is no more goes. */
  async function clear(name: string) {
    const node = lister.get({ namespace: '', name })
    if (node && isStopped(node)) await docker?.halt(name)
    if (node || !onDocker.has(name)) return
    await docker?.remove(name)
    onDocker.delete(name)
  }

  /** What is left of nodes that were removed while no engine ran, or whose removal broke off with the engine. */
  async function sweep(log: Logger) {
    try {
      for (const name of (await docker?.names()) ?? []) {
        if (name === firstName || onDocker.has(name)) continue
        onDocker.add(name)
        await clear(name).catch((error: unknown) => {
          onDocker.delete(name)
          throw error
        })
      }
    } catch (error) {
      log.info('Leftovers of nodes could not be removed', { error })
    }
  }

  const controller: Controller = {
    name: 'node-runner',
    // Pods have to be known, for a simulated node goes on with those that it has.
    watches: [each(nodes), { ref: pods, keys: () => [] }],
    async reconcile(key, context) {
      const { name } = key
      const plan = wanted(key, context)
      const node = lister.get(key)
      if ((plan?.runtime ?? node?.metadata.annotations?.[nodeAnnotations.runtime]) === 'docker') onDocker.add(name)
      // It changes when Docker is there again, too.
      if (name === firstName) await (sweeping = sweep(context.log))
      const runs = running.get(name)
      if (plan && runs?.plan === JSON.stringify(plan)) return
      await stop(name)
      if (plan === firstPlan) startFirst()
      else if (plan && node) await start(plan, node, context)
      else if (onDocker.has(name)) await clear(name)
    },
  }

  await using starting = new AsyncDisposableStack()
  starting.use(firstParts)
  starting.defer(async () => {
    await Promise.all([...running.keys()].map(stop))
  })
  const client = clientOf('system:serviceaccount:kube-system:node-runner')
  if (!(await isStoppedThere(client, firstName))) startFirst()
  starting.use(runController(controller, { ...dependencies, client }))
  // Ended before all others: the controller waits for what is under way, and the engine may never answer.
  starting.use(docker)
  const owned = starting.move()
  return {
    first: firstParts,
    async dial(host, port, signal) {
      const isSimulated = [...running.values()].some(({ podCIDR }) => podCIDR !== undefined && isIn(podCIDR, host))
      if (isSimulated) throw new Error(`dial tcp ${host}:${port}: nothing listens on a simulated node`)
      return firstParts.dial(host, port, signal)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Asked of the server, since informers have not seen anything yet when the first node is started. */
async function isStoppedThere(client: Client, name: string): Promise<boolean> {
  const node = await unlessGone(client.get(nodes, { name }))
  return node !== undefined && isStopped(node)
}
