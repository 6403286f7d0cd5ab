import { nodes, pods, type Node } from '../../shared/api/core.ts'
import type { ObjectKey } from '../../shared/api/object.ts'
import type { Controller, ControllerContext } from '../../shared/client/controller.ts'
import { runController } from '../../shared/client/run-controller.ts'
import { each } from '../../shared/client/watches.ts'
import { isStopped, type LogicalNode } from '../../shared/machinery/logical-node.ts'
import { undisturbed } from '../kubelet/simulated/simulation.ts'
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
  first: { name: string; runtime: LogicalNode['runtime'] }
  createDockerNode: (nodeName: string) => Promise<NodeParts>
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
export async function createNodes({ first, createDockerNode, dependencies }: Options): Promise<Nodes> {
  const { clientOf, informers } = dependencies
  const running = new Map<string, RunningNode>()
  /** Ranges of pods that were chosen and may not be seen in the Node objects yet. */
  const chosen = new Set<string>()
  const lister = informers.informer(nodes)

  async function start(plan: NodePlan, podCIDR: string | undefined): Promise<NodeParts> {
    const { name: nodeName, simulation } = plan
    const parts = await (podCIDR === undefined
      ? createDockerNode(nodeName)
      : createSimulatedNode({ ...dependencies, nodeName, podCIDR, simulation }))
    const stack = startNode(plan, parts, dependencies)
    const end = () => stack[Symbol.asyncDispose]()
    running.set(nodeName, { plan: JSON.stringify(plan), podCIDR, [Symbol.asyncDispose]: end })
    return parts
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

  const firstPlan: NodePlan = { ...first, uid: '', capacity: {}, simulation: undisturbed }
  const startFirst = () => start(firstPlan, first.runtime === 'docker' ? undefined : firstPodCidr)

  function wanted({ name }: ObjectKey, { recorder }: ControllerContext): NodePlan | undefined {
    const node = lister.get({ namespace: '', name })
    if (name === first.name) return node && isStopped(node) ? undefined : firstPlan
    try {
      const plan = node && planOf(node)
      if (plan?.runtime === 'docker' && first.runtime === 'simulated')
        throw new Error('this cluster runs without Docker, so its nodes can only be simulated')
      return plan
    } catch (error) {
      if (node) recorder.event(node, 'Warning', 'InvalidNode', error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  const controller: Controller = {
    name: 'node-runner',
    // Pods have to be known, for a simulated node goes on with those that it has.
    watches: [each(nodes), { ref: pods, keys: () => [] }],
    async reconcile(key, context) {
      const plan = wanted(key, context)
      if (running.get(key.name)?.plan === (plan && JSON.stringify(plan))) return
      await stop(key.name)
      const node = lister.get(key)
      if (plan === firstPlan) await startFirst()
      else if (plan && node) await start(plan, plan.runtime === 'docker' ? undefined : await podCidrOf(node, context))
    },
  }

  await using starting = new AsyncDisposableStack()
  starting.defer(async () => {
    await Promise.all([...running.keys()].map(stop))
  })
  const firstParts = await startFirst()
  const client = clientOf('system:serviceaccount:kube-system:node-runner')
  starting.use(runController(controller, { ...dependencies, client }))
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
