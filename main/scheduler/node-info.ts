import type { Node } from '../../shared/api/core.ts'
import type { Taint } from '../../shared/machinery/tolerations.ts'
import type { PodInfo } from './pod-info.ts'
import { amountsOf } from './pod-requests.ts'

/** What there is of a resource on a node, and what is taken. */
export interface Share {
  total: number
  requested: number
  /** With minima for containers that ask for nothing; scores only. */
  scored: number
}

/**
 * A node and what is taken of it. What filters and scores ask of hundreds of nodes for every pod is worked out once per
 * change of the node: looking it up in so many objects would cost more than everything else.
 */
export interface NodeInfo {
  readonly node: Node
  readonly name: string
  readonly unschedulable: boolean
  readonly taints: readonly Taint[]
  /** By uid. */
  readonly pods: ReadonlyMap<string, PodInfo>
  /** How many pods it may have. */
  readonly room: number
  readonly cpu: Readonly<Share>
  readonly memory: Readonly<Share>
  /** All other resources that it has or that are asked of it. */
  readonly others: ReadonlyMap<string, Readonly<Share>>
}

/** A NodeInfo that pods can be put on and taken from. */
export interface WritableNodeInfo extends NodeInfo {
  node: Node
  name: string
  unschedulable: boolean
  taints: readonly Taint[]
  room: number
  readonly pods: Map<string, PodInfo>
  readonly cpu: Share
  readonly memory: Share
  readonly others: Map<string, Share>
}

/** With nothing on it. */
export function createNodeInfo(node: Node): WritableNodeInfo {
  const facts = { node, name: '', unschedulable: false, taints: none, room: 0 }
  const info = { ...facts, pods: new Map(), cpu: unused(), memory: unused(), others: new Map() }
  setNode(info, node)
  return info
}

/** The node has changed; the pods on it stay. */
export function setNode(info: WritableNodeInfo, node: Node) {
  info.node = node
  info.name = node.metadata.name
  info.unschedulable = node.spec?.unschedulable ?? false
  info.taints = node.spec?.taints ?? none
  for (const share of [info.cpu, info.memory, ...info.others.values()]) share.total = 0
  const { pods = 0, ...amounts } = Object.fromEntries(allocatableOf(node))
  info.room = pods
  for (const [name, amount] of Object.entries(amounts)) writable(info, name).total = amount
}

const none: readonly Taint[] = []
const unused = (): Share => ({ total: 0, requested: 0, scored: 0 })

/** A copy to try things on. */
export function copyOf(info: NodeInfo): WritableNodeInfo {
  return {
    ...info,
    pods: new Map(info.pods),
    cpu: { ...info.cpu },
    memory: { ...info.memory },
    others: new Map(info.others.entries().map(([name, share]) => [name, { ...share }])),
  }
}

export const allocatableOf = (node: Node) => amountsOf(node.status?.allocatable ?? node.status?.capacity)

/** Undefined if the node has none of it and nobody has asked. */
export function shareOf(info: NodeInfo, resource: string): Readonly<Share> | undefined {
  if (resource === 'cpu') return info.cpu
  return resource === 'memory' ? info.memory : info.others.get(resource)
}

/** Counts a pod on a node. */
export function putOn(info: WritableNodeInfo, pod: PodInfo) {
  info.pods.set(pod.uid, pod)
  add(info, pod, 1)
}

/** Counts a pod no longer. */
export function takeFrom(info: WritableNodeInfo, pod: PodInfo) {
  info.pods.delete(pod.uid)
  add(info, pod, -1)
}

function add(info: WritableNodeInfo, { requests, scored }: PodInfo, sign: 1 | -1) {
  for (const [name, amount] of requests) writable(info, name).requested += sign * amount
  for (const [name, amount] of scored) writable(info, name).scored += sign * amount
}

function writable(info: WritableNodeInfo, resource: string): Share {
  if (resource === 'cpu') return info.cpu
  if (resource === 'memory') return info.memory
  const share = info.others.get(resource) ?? unused()
  info.others.set(resource, share)
  return share
}
