import type { Pod } from '../../shared/api/core.ts'
import type { Reason } from './filters/filter.ts'
import { filters } from './filters/filters.ts'
import type { NodeInfo } from './node-infos.ts'
import { totalScores } from './scores/scores.ts'

/** What every filter said about one node; a filter without reasons lets the pod pass. */
interface Verdict {
  node: string
  filters: { name: string; reasons: Reason[] }[]
}

/** How a pod was judged the last time: the matrix of nodes and filters, and what came of it. */
export interface Decision {
  /** Milliseconds since the epoch. */
  time: number
  /** The node it goes to; undefined if none will have it. */
  node: string | undefined
  verdicts: Verdict[]
  /** Upstream's words for a pod that fits nowhere, as in its condition and Event; '' otherwise. */
  message: string
}

interface Situation {
  infos: readonly NodeInfo[]
  now: number
  /** In [0, 1): breaks ties. */
  random: () => number
}

/** Chooses a node for a pod. Unlike upstream every filter judges every node, so that all that is wrong is known. */
export function decide(pod: Pod, { infos, now, random }: Situation): Decision {
  const verdicts = infos.map((info): Verdict => ({
    node: info.node.metadata.name,
    filters: filters.map(filter => ({ name: filter.name, reasons: filter.reasons(pod, info) })),
  }))
  const feasible = infos.filter((_, i) => verdicts[i]?.filters.every(filter => filter.reasons.length === 0))
  const node = best(pod, feasible, random)
  return { time: now, node, verdicts, message: node === undefined ? unschedulableMessage(pod, verdicts) : '' }
}

function best(pod: Pod, feasible: readonly NodeInfo[], random: () => number): string | undefined {
  const totals = totalScores(pod, feasible)
  const most = Math.max(...totals)
  const equals = feasible.filter((_, i) => totals[i] === most)
  return equals[Math.floor(random() * equals.length)]?.node.metadata.name
}

/**
 * `0/3 nodes are available: …` (scheduler/framework/types.go FitError). Of each node the first filter with reasons
 * speaks, as only that one would have been asked upstream.
 */
function unschedulableMessage(pod: Pod, verdicts: readonly Verdict[]): string {
  if (verdicts.length === 0) return 'no nodes available to schedule pods'
  const first = verdicts.map(verdict => verdict.filters.find(filter => filter.reasons.length > 0)?.reasons ?? [])
  const causes = summary(first.map(reasons => reasons.map(reason => reason.message)))
  return `${causes} preemption: ${preemption(pod, first)}`
}

/** Why deleting other pods does not help (scheduler/framework/preemption): nothing is preempted yet. */
function preemption(pod: Pod, first: readonly Reason[][]): string {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  return summary(
    first.map(reasons => [
      reasons.some(reason => reason.unresolvable)
        ? 'Preemption is not helpful for scheduling'
        : 'No preemption victims found for incoming pod',
    ]),
  )
}

function summary(messagesByNode: readonly string[][]): string {
  const counts = new Map<string, number>()
  for (const message of messagesByNode.flat()) counts.set(message, (counts.get(message) ?? 0) + 1)
  const reasons = [...counts].map(([message, count]) => `${count} ${message}`).sort()
  return `0/${messagesByNode.length} nodes are available: ${reasons.join(', ')}.`
}
