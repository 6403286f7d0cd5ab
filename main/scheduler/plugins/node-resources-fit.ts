import { allocatableOf, type NodeInfo } from '../node-info.ts'
import { podInfoOf } from '../pod-info.ts'
import { none, type Plugin, type Reason } from '../plugin.ts'
import { scoredResources, type Amounts } from '../pod-requests.ts'

/** Whether the node has room, and how much stays free: pods, CPU, memory, everything else (noderesources/fit.go). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  filter({ requests }) {
    const wanted = [...requests].filter(([, amount]) => amount > 0)
    return { reasons: info => insufficient(wanted, info) }
  },
  helps(change, pod) {
    if (change.of === 'pod') {
      if (!change.before) return false
      // Whatever leaves frees at least the room for one pod.
      return !change.after || lessOf(podInfoOf(change.before).requests, podInfoOf(change.after).requests, pod.requests)
    }
    if (change.of !== 'node' || !change.parts.has('allocatable')) return false
    const after = allocatableOf(change.after)
    const fits = [...pod.requests].every(([name, amount]) => amount <= (after.get(name) ?? 0))
    return fits && (!change.before || moreOf(allocatableOf(change.before), after, pod.requests))
  },
  /** LeastAllocated: the share of CPU and memory that stays free. */
  score: { weight: 1, of: (pod, infos) => infos.map(info => leastAllocated(info, pod.scored)) },
}

function insufficient(wanted: readonly (readonly [string, number])[], info: NodeInfo): readonly Reason[] {
  let reasons: Reason[] | undefined
  const room = info.allocatable.get('pods') ?? 0
  if (info.pods.size + 1 > room) {
    const fix = { change: 'requests', resource: 'pods', amount: info.pods.size + 1 - room } as const
    reasons = [{ message: 'Too many pods', unresolvable: false, fix }]
  }
  for (const [name, amount] of wanted) {
    const total = info.allocatable.get(name) ?? 0
    const lacking = amount - (total - (info.requested.get(name) ?? 0))
    if (lacking <= 0) continue
    const fix = { change: 'requests', resource: name, amount: lacking } as const
    reasons ??= []
    reasons.push({ message: `Insufficient ${name}`, unresolvable: amount > total, fix })
  }
  return reasons ?? none
}

const moreOf = (before: Amounts, after: Amounts, asked: Amounts) =>
  [...asked.keys(), 'pods'].some(name => (after.get(name) ?? 0) > (before.get(name) ?? 0))

const lessOf = (before: Amounts, after: Amounts, asked: Amounts) =>
  [...asked.keys()].some(name => (after.get(name) ?? 0) < (before.get(name) ?? 0))

function leastAllocated({ allocatable, scored }: NodeInfo, wanted: Amounts): number {
  let sum = 0
  let counted = 0
  for (const name of scoredResources) {
    const total = allocatable.get(name) ?? 0
    if (total === 0) continue
    const taken = (scored.get(name) ?? 0) + (wanted.get(name) ?? 0)
    sum += taken > total ? 0 : Math.floor(((total - taken) * 100) / total)
    counted++
  }
  return counted === 0 ? 0 : Math.floor(sum / counted)
}
