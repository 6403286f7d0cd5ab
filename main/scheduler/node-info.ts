import type { Node } from '../../shared/api/core.ts'
import type { PodInfo } from './pod-info.ts'
import { amountsOf, type Amounts } from './pod-requests.ts'

/** A node and what is taken of it. */
export interface NodeInfo {
  readonly node: Node
  readonly allocatable: Amounts
  /** By uid. */
  readonly pods: ReadonlyMap<string, PodInfo>
  readonly requested: Amounts
  /** With minima for containers that ask for nothing; scores only. */
  readonly scored: Amounts
}

/** A NodeInfo that pods can be put on and taken from. */
export interface WritableNodeInfo extends NodeInfo {
  node: Node
  allocatable: Amounts
  readonly pods: Map<string, PodInfo>
}

/** With nothing on it. */
export function createNodeInfo(node: Node): WritableNodeInfo {
  return { node, allocatable: allocatableOf(node), pods: new Map(), requested: new Map(), scored: new Map() }
}

/** A copy to try things on. */
export function copyOf({ node, allocatable, pods, requested, scored }: NodeInfo): WritableNodeInfo {
  return { node, allocatable, pods: new Map(pods), requested: new Map(requested), scored: new Map(scored) }
}

export const allocatableOf = (node: Node) => amountsOf(node.status?.allocatable ?? node.status?.capacity)

export function putOn(info: WritableNodeInfo, pod: PodInfo) {
  info.pods.set(pod.uid, pod)
  add(info.requested, pod.requests, 1)
  add(info.scored, pod.scored, 1)
}

export function takeFrom(info: WritableNodeInfo, pod: PodInfo) {
  info.pods.delete(pod.uid)
  add(info.requested, pod.requests, -1)
  add(info.scored, pod.scored, -1)
}

function add(sum: Amounts, amounts: Amounts, sign: 1 | -1) {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0) + sign * amount)
}
