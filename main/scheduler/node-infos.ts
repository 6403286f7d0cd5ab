import type { Node, Pod } from '../../shared/api/core.ts'
import { amountsOf, podRequests, scoredRequests, type Amounts } from './pod-requests.ts'

/** A port of the node that a pod takes. */
export interface HostPort {
  ip: string
  protocol: string
  port: number
}

/** A node and what is taken of it. */
export interface NodeInfo {
  readonly node: Node
  readonly allocatable: Amounts
  readonly podCount: number
  readonly requested: Amounts
  /** With minima for containers that ask for nothing; scores only. */
  readonly scored: Amounts
  readonly ports: readonly HostPort[]
}

interface Share {
  node: string
  requests: Amounts
  scored: Amounts
  ports: HostPort[]
}

interface Taken {
  pods: Set<string>
  requested: Amounts
  scored: Amounts
}

/** What is taken of each node, kept up to date pod by pod so that a burst of pods costs no recount. */
export interface NodeInfos {
  /** The pod is on its node, or assumed to be on `node`. */
  put(pod: Pod, node: string): void
  remove(uid: string): void
  infoOf(node: Node): NodeInfo
}

/** Nothing is taken yet. */
export function createNodeInfos(): NodeInfos {
  const shares = new Map<string, Share>()
  const nodes = new Map<string, Taken>()

  function remove(uid: string) {
    const share = shares.get(uid)
    const taken = share && nodes.get(share.node)
    if (!share || !taken) return
    shares.delete(uid)
    taken.pods.delete(uid)
    add(taken.requested, share.requests, -1)
    add(taken.scored, share.scored, -1)
    if (taken.pods.size === 0) nodes.delete(share.node)
  }

  return {
    put(pod, node) {
      const { uid } = pod.metadata
      remove(uid)
      const share = { node, requests: podRequests(pod), scored: scoredRequests(pod), ports: hostPorts(pod) }
      const taken: Taken = nodes.get(node) ?? { pods: new Set<string>(), requested: new Map(), scored: new Map() }
      shares.set(uid, share)
      taken.pods.add(uid)
      add(taken.requested, share.requests, 1)
      add(taken.scored, share.scored, 1)
      nodes.set(node, taken)
    },
    remove,
    infoOf(node) {
      const taken = nodes.get(node.metadata.name)
      return {
        node,
        allocatable: allocatableOf(node),
        podCount: taken?.pods.size ?? 0,
        requested: taken?.requested ?? new Map<string, number>(),
        scored: taken?.scored ?? new Map<string, number>(),
        ports: [...(taken?.pods ?? [])].flatMap(uid => shares.get(uid)?.ports ?? []),
      }
    },
  }
}

/** Parsed once per version of a node. */
const parsed = new WeakMap<Node, Amounts>()

function allocatableOf(node: Node): Amounts {
  const known = parsed.get(node)
  if (known) return known
  const amounts = amountsOf(node.status?.allocatable ?? node.status?.capacity)
  parsed.set(node, amounts)
  return amounts
}

function add(sum: Amounts, amounts: Amounts, sign: 1 | -1) {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0) + sign * amount)
}

/** The host ports of containers and sidecars. */
export function hostPorts({ spec }: Pod): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(container => container.restartPolicy === 'Always')
  return [...spec.containers, ...sidecars]
    .flatMap(container => container.ports ?? [])
    .flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort ? [{ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort }] : [],
    )
}
