import type { Pod } from '../../shared/api/core.ts'
import type { PodDisruptionBudget } from '../../shared/api/policy.ts'
import type { Verdict } from '../../shared/machinery/scheduling-decision.ts'
import { withoutBudget } from './disruption-budgets.ts'
import type { Examination } from './examine.ts'
import { summary } from './node-summary.ts'
import { copyOf, putOn, takeFrom, type NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { Cluster } from './plugin.ts'

/** The pods that have to leave a node, the most important first. */
export interface Victims {
  readonly node: string
  readonly victims: readonly Pod[]
  /** How many of them their disruption budgets would have kept. */
  readonly violations: number
}

/** Whom to evict, or why that does not help. */
export type Preemption = Victims | { readonly message: string; readonly forgetsNode: boolean }

interface Failure {
  examination: Examination
  verdicts: readonly Verdict[]
  cluster: Cluster
  now: number
  random: () => number
}

const notHelpful = 'Preemption is not helpful for scheduling'
const noVictims = 'No preemption victims found for incoming pod'

/**
 * Looks for the node where the fewest and least important pods would have to leave (framework/preemption). Nodes that no
 * pod's departure could open are not tried; of many that could, some are enough.
 */
export function preempt(pod: PodInfo, failure: Failure): Preemption {
  const { examination, verdicts, cluster, random } = failure
  const refused = whyNot(pod, failure)
  if (refused) return { message: refused, forgetsNode: false }
  const potential = verdicts.filter(({ rejections }) => !rejections.some(isFinal)).map(({ node }) => node)
  const budgets = cluster.listers.budgets.list()
  const wanted = Math.min(potential.length, Math.max(100, Math.floor(potential.length / 10)))
  const offset = Math.floor(random() * potential.length)
  const candidates: Victims[] = []
  const reasons: string[][] = []
  for (let i = 0; i < potential.length; i++) {
    const info = cluster.infos.get(potential[(offset + i) % potential.length] ?? '')
    if (!info) continue
    const found = victimsOn(info, { pod, examination, budgets, now: failure.now })
    if ('node' in found) candidates.push(found)
    else reasons.push(found.reasons)
    if (candidates.length >= wanted && candidates.some(({ violations }) => violations === 0)) break
  }
  const chosen = mildest(candidates, failure.now)
  const total = cluster.infos.list().length
  return chosen ?? { message: summary({ reasons, total, absent: notHelpful }), forgetsNode: true }
}

const isFinal = ({ reasons }: Verdict['rejections'][number]) => reasons.some(reason => reason.unresolvable)

/** PodEligibleToPreemptOthers. */
function whyNot(pod: PodInfo, { verdicts, cluster }: Failure): string | undefined {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const node = cluster.infos.nominatedNode(pod.uid)
  if (node === undefined || verdicts.some(each => each.node === node && each.rejections.some(isFinal))) return undefined
  const leaving = cluster.infos
    .get(node)
    ?.pods.values()
    .some(other => other.priority < pod.priority && isLeavingForAnother(other.pod))
  return leaving ? 'not eligible due to a terminating pod on the nominated node.' : undefined
}

const isLeavingForAnother = ({ metadata, status }: Pod) =>
  !!metadata.deletionTimestamp &&
  !!status?.conditions?.some(
    ({ type, status: holds, reason }) =>
      type === 'DisruptionTarget' && holds === 'True' && reason === 'PreemptionByScheduler',
  )

interface Question {
  pod: PodInfo
  examination: Examination
  budgets: readonly PodDisruptionBudget[]
  now: number
}

/** Takes all lower pods away and brings back as many as there is room for, those with budgets and important ones first. */
function victimsOn(info: NodeInfo, { pod, examination, budgets, now }: Question): Victims | { reasons: string[] } {
  const { node } = info
  const lower = [...info.pods.values()].filter(other => other.priority < pod.priority)
  if (lower.length === 0) return { reasons: [noVictims] }
  const trial = copyOf(info)
  const away = new Set<PodInfo>()
  const take = (other: PodInfo) => {
    takeFrom(trial, other)
    examination.count(other, node, -1)
    away.add(other)
  }
  const bringBack = (other: PodInfo) => {
    putOn(trial, other)
    examination.count(other, node, 1)
    away.delete(other)
  }
  try {
    for (const other of lower) take(other)
    const against = examination.rejection(trial)
    if (against) return { reasons: against.reasons.map(reason => reason.message) }
    const sorted = lower.toSorted(byImportance(now))
    const kept = withoutBudget(sorted, budgets)
    for (const other of [...sorted.filter(each => kept.has(each)), ...sorted.filter(each => !kept.has(each))]) {
      bringBack(other)
      if (examination.rejection(trial)) take(other)
    }
    const victims = sorted.filter(other => away.has(other))
    const violations = victims.filter(other => kept.has(other)).length
    return { node: info.name, victims: victims.map(other => other.pod), violations }
  } finally {
    for (const other of away) examination.count(other, node, 1)
  }
}

const startOf = ({ status }: Pod, now: number) => (status?.startTime ? Date.parse(status.startTime) : now)

/** Higher priority, then running for longer. */
const byImportance = (now: number) => (a: PodInfo, b: PodInfo) =>
  b.priority - a.priority || startOf(a.pod, now) - startOf(b.pod, now)

/** The candidate that does least harm: the first of these that tells candidates apart decides (pickOneNodeForPreemption). */
function mildest(candidates: readonly Victims[], now: number): Victims | undefined {
  const priority = (pod: Pod | undefined) => pod?.spec.priority ?? 0
  const measures: ((candidate: Victims) => number)[] = [
    ({ violations }) => violations,
    ({ victims }) => priority(victims[0]),
    ({ victims }) => victims.reduce((sum, victim) => sum + priority(victim) + 2 ** 31, 0),
    ({ victims }) => victims.length,
    ({ victims: [first, ...others] }) => {
      const highest = [first, ...others].filter(each => each && priority(each) === priority(first))
      return -Math.min(...highest.map(victim => (victim ? startOf(victim, now) : now)))
    },
  ]
  let left = candidates
  for (const measure of measures) {
    const values = left.map(measure)
    const least = Math.min(...values)
    left = left.filter((_, i) => values[i] === least)
  }
  return left[0]
}
