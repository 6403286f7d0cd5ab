import type { Pod } from '../../../shared/api/core.ts'
import { isReady, readySince } from '../pod-state.ts'

interface Ranking {
  /** How many pods of the same application are active on the pod's node. */
  related: (pod: Pod) => number
  now: number
}

const phases = ['Pending', 'Unknown', 'Running']

/**
 * Pods in the order in which a scale-down deletes them: the least useful first
 * (pkg/controller/controller_utils.go ActivePodsWithRanks, with LogarithmicScaleDown).
 */
export function rankForDeletion(pods: readonly Pod[], ranking: Ranking): Pod[] {
  return [...pods].sort((a, b) => compare(a, b, ranking))
}

function compare(a: Pod, b: Pod, { related, now }: Ranking): number {
  return (
    flag(isAssigned(a)) - flag(isAssigned(b)) ||
    phaseOrder(a) - phaseOrder(b) ||
    flag(isReady(a)) - flag(isReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    related(b) - related(a) ||
    younger(a, b, { since: readySince, now }) ||
    restarts(b) - restarts(a) ||
    younger(a, b, { since: createdAt, now })
  )
}

/**
 * The younger first, but only as far as the logarithms of the ages differ: within one magnitude the uid decides, so that
 * a scale-down does not always hit the newest domain of failure (KEP-2185).
 */
function younger(a: Pod, b: Pod, by: { since: (pod: Pod) => number | undefined; now: number }): number {
  const [first, second] = [by.since(a), by.since(b)]
  if (first === second || first === undefined || second === undefined) return 0
  if (first === 0 || second === 0) return first - second // an unknown time counts as the youngest
  const difference = magnitude(by.now - first) - magnitude(by.now - second)
  return difference || (a.metadata.uid < b.metadata.uid ? -1 : 1)
}

/** Binary logarithm of an age in nanoseconds, as upstream computes it; -1 for none. */
const magnitude = (ms: number) => (ms > 0 ? Math.trunc(Math.log2(ms * 1e6)) : -1)

const flag = (is: boolean) => (is ? 1 : 0)
const isAssigned = (pod: Pod) => !!pod.spec.nodeName
const phaseOrder = (pod: Pod) => phases.indexOf(pod.status?.phase ?? 'Pending')
const createdAt = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? '') || 0

/** The pod-deletion-cost annotation (KEP-2255); what is not a 32-bit integer counts as 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? ''
  const cost = /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0
  return cost === (cost | 0) ? cost : 0
}

/** The highest restart count of a container; that of sidecars counts only beside equal ones, so they come after the point. */
function restarts(pod: Pod): number {
  const most = (statuses: { restartCount: number }[] | undefined) =>
    Math.max(0, ...(statuses ?? []).map(status => status.restartCount))
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(c => c.restartPolicy === 'Always').map(c => c.name))
  const inits = (pod.status?.initContainerStatuses ?? []).filter(status => sidecars.has(status.name))
  return most(pod.status?.containerStatuses) + most(inits) / 2 ** 32
}
