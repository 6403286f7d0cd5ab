import type { Verdict } from '../../shared/machinery/scheduling-decision.ts'
import { examine, type Examination } from './examine.ts'
import { fitMessage } from './fit-message.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { Cluster } from './plugin.ts'
import { preempt, type Victims } from './preempt.ts'
import type { Profile } from './profile.ts'

/** How the nodes that would do compare; values are in the order of `nodes`. */
interface Comparison {
  readonly nodes: readonly string[]
  readonly scores: readonly { plugin: string; weight: number; values: readonly number[] }[]
  readonly totals: readonly number[]
}

/** How a pod was judged the last time: what each filter said of each node, how the rest scored, and what came of it. */
export interface Decision {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** The node it goes to; undefined if none will have it. */
  readonly node: string | undefined
  readonly verdicts: readonly Verdict[]
  /** Absent if there was nothing to compare. */
  readonly comparison?: Comparison
  /** Pods that have to leave a node so that this one fits there. */
  readonly preemption?: Victims
  /** Nobody's leaving would help: the node that it was promised before is no use. */
  readonly forgetsNode?: true
  /** Upstream's words for a pod that fits nowhere, as in its condition and Event; '' otherwise. */
  readonly message: string
  /** The plugins whose reasons keep the pod waiting. */
  readonly rejectedBy: ReadonlySet<string>
  /** How many nodes were asked about. */
  readonly evaluated: number
}

interface Situation {
  cluster: Cluster
  profile: Profile
  /** Index of the node to begin with: only some are asked about in a large cluster, other ones each time. */
  start: number
  now: number
  /** In [0, 1): breaks ties. */
  random: () => number
}

/** Chooses a node for a pod (schedule_one.go). */
export function decide(pod: PodInfo, situation: Situation): Decision {
  const { cluster, profile, now, random } = situation
  const all = cluster.infos.list()
  const examination = examine(pod, cluster, profile.filters)
  const { feasible, verdicts } = find(pod, examination, situation)
  const evaluated = feasible.length + verdicts.length
  const made = { time: now, evaluated }
  if (feasible.length > 0) {
    const comparison = feasible.length > 1 ? compare(pod, feasible, situation) : undefined
    const node = comparison ? best(comparison, random) : feasible[0]?.name
    return { ...made, node, verdicts, ...(comparison && { comparison }), message: '', rejectedBy: new Set() }
  }
  if (all.length === 0) {
    const message = 'no nodes available to schedule pods'
    return { ...made, node: undefined, verdicts, message, rejectedBy: new Set() }
  }
  const preemption = profile.preempts ? preempt(pod, { examination, verdicts, cluster, now, random }) : undefined
  const rejectedBy = new Set([
    ...(examination.refusal ? [examination.refusal.plugin] : []),
    ...examination.narrowedBy,
    ...verdicts.flatMap(verdict => verdict.rejections[0]?.plugin ?? []),
  ])
  return {
    ...made,
    node: undefined,
    // Now that nothing fits, everything that is wrong is worth knowing.
    verdicts: verdicts.map(verdict => completed(verdict, examination, cluster)),
    ...(preemption && 'victims' in preemption && { preemption }),
    ...(preemption && 'forgetsNode' in preemption && preemption.forgetsNode && { forgetsNode: true }),
    message: fitMessage({ examination, verdicts, total: all.length, preemption }),
    rejectedBy,
  }
}

function completed(verdict: Verdict, examination: Examination, { infos }: Cluster): Verdict {
  const info = infos.get(verdict.node)
  const rejections = info ? examination.rejections(info) : []
  return rejections.length > 0 ? { node: verdict.node, rejections } : verdict
}

interface Found {
  feasible: NodeInfo[]
  verdicts: Verdict[]
}

function find(pod: PodInfo, examination: Examination, { cluster, profile, start }: Situation): Found {
  const nodes = cluster.infos.list()
  if (examination.refusal) return { feasible: [], verdicts: [] }
  const promised = cluster.infos.nominatedNode(pod.uid)
  const info = promised === undefined ? undefined : cluster.infos.get(promised)
  if (info && examination.isCandidate(info.name) && !examination.rejection(info)) {
    return { feasible: [info], verdicts: [] }
  }
  const wanted = enough(nodes.length, profile.percentageOfNodesToScore)
  const feasible: NodeInfo[] = []
  const verdicts: Verdict[] = []
  for (let i = 0; i < nodes.length && feasible.length < wanted; i++) {
    const each = nodes[(start + i) % nodes.length]
    if (!each || !examination.isCandidate(each.name)) continue
    const rejection = examination.rejection(each)
    if (rejection) verdicts.push({ node: each.name, rejections: [rejection] })
    else feasible.push(each)
  }
  return { feasible, verdicts }
}

const fewest = 100

/** How many nodes that would do are enough to choose from (numFeasibleNodesToFind); 0 per cent goes by how many there are. */
function enough(total: number, percentageOfNodesToScore: number): number {
  if (total < fewest) return total
  const percentage = percentageOfNodesToScore || Math.max(5, 50 - Math.floor(total / 125))
  return Math.max(fewest, Math.floor((total * percentage) / 100))
}

function compare(pod: PodInfo, infos: readonly NodeInfo[], { cluster, profile }: Situation): Comparison {
  const scores = profile.scores.flatMap(({ plugin, weight }) => {
    const values = plugin.score?.of(pod, infos, cluster)
    return values ? [{ plugin: plugin.name, weight, values }] : []
  })
  const totals = new Array<number>(infos.length).fill(0)
  for (const { weight, values } of scores) {
    for (let i = 0; i < totals.length; i++) totals[i] = (totals[i] ?? 0) + weight * (values[i] ?? 0)
  }
  return { nodes: infos.map(info => info.name), scores, totals }
}

/** One of those with the highest total. */
function best({ nodes, totals }: Comparison, random: () => number): string | undefined {
  let most = -Infinity
  let equals: number[] = []
  for (const [i, total] of totals.entries()) {
    if (total < most) continue
    if (total > most) equals = []
    most = total
    equals.push(i)
  }
  return nodes[equals[Math.floor(random() * equals.length)] ?? -1]
}
