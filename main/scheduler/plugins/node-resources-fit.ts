import type { Reason } from '../../../shared/machinery/scheduling-decision.ts'
import { allocatableOf, shareOf, type NodeInfo, type Share } from '../node-info.ts'
import { podInfoOf } from '../pod-info.ts'
import { none, type Plugin } from '../plugin.ts'
import type { Amounts } from '../pod-requests.ts'

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
  score: { weight: 1, of: ({ scored }, infos) => leastAllocated(infos, scored) },
}

function insufficient(wanted: readonly (readonly [string, number])[], info: NodeInfo): readonly Reason[] {
  let reasons: Reason[] | undefined
  const excess = info.pods.size + 1 - info.room
  if (excess > 0) {
    const fix = { change: 'requests', resource: 'pods', amount: excess } as const
    reasons = [{ message: 'Too many pods', unresolvable: false, fix }]
  }
  for (const [name, amount] of wanted) {
    const { total, requested } = shareOf(info, name) ?? nothing
    const lacking = amount - (total - requested)
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

const nothing = { total: 0, requested: 0 }

function leastAllocated(infos: readonly NodeInfo[], wanted: Amounts): number[] {
  const cpu = wanted.get('cpu') ?? 0
  const memory = wanted.get('memory') ?? 0
  return infos.map(info => {
    const counted = (info.cpu.total > 0 ? 1 : 0) + (info.memory.total > 0 ? 1 : 0)
    return counted === 0 ? 0 : Math.floor((free(info.cpu, cpu) + free(info.memory, memory)) / counted)
  })
}

/** The percentage of a resource that the pod would leave free. */
function free({ total, scored }: Share, wanted: number): number {
  const taken = scored + wanted
  return total === 0 || taken > total ? 0 : Math.floor(((total - taken) * 100) / total)
}
