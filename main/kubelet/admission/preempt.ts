import type { Pod } from '../../../shared/api/core.ts'
import { isCritical } from '../critical.ts'
import { podQos } from '../resources/qos.ts'
import type { Shortage } from './admission.ts'
import { requestOf } from './insufficient-resource.ts'

/** How much is missing of each resource; nothing of which nothing is missing. */
type Needs = ReadonlyMap<string, number>

/**
 * The pods that have to end so that a critical one gets what is missing (pkg/kubelet/preemption/preemption.go): as few
 * as possible, guaranteed ones only if all others don't suffice, then burstable ones. Rejects with what is missing still
 * when all have gone.
 */
export function podsToPreempt(pod: Pod, others: readonly Pod[], shortages: readonly Shortage[]): Pod[] {
  const needs = new Map(shortages.map(s => [s.resource, s.requested - (s.capacity - s.used)]))
  const victims = others.filter(other => isPreemptable(pod, other))
  const missing = needsWithout(needs, victims)
  if (missing.size > 0) {
    const list = [...missing].map(([resource, amount]) => `(res: ${resource}, q: ${amount}), `).join('')
    throw new Error(`no set of running pods found to reclaim resources: [${list}]`)
  }
  const [bestEffort = [], burstable = [], guaranteed = []] = ['BestEffort', 'Burstable', 'Guaranteed'].map(qos =>
    victims.filter(victim => podQos(victim) === qos),
  )
  const last = fewest(guaranteed, needsWithout(needs, [...bestEffort, ...burstable]))
  const middle = fewest(burstable, needsWithout(needs, [...bestEffort, ...last]))
  return [...fewest(bestEffort, needsWithout(needs, [...middle, ...last])), ...middle, ...last]
}

/** pkg/kubelet/types/pod_update.go, Preemptable. */
function isPreemptable(pod: Pod, victim: Pod): boolean {
  if (isCritical(pod) && !isCritical(victim)) return true
  const [own, other] = [pod.spec.priority, victim.spec.priority]
  return own !== undefined && other !== undefined && own > other
}

function needsWithout(needs: Needs, victims: readonly Pod[]): Needs {
  const left = [...needs].map(([resource, amount]): [string, number] => [
    resource,
    victims.reduce((rest, victim) => rest - requestOf(victim, resource), amount),
  ])
  return new Map(left.filter(([, amount]) => amount > 0))
}

/** Again and again the pod that comes nearest to what is missing, until nothing is. */
function fewest(pods: readonly Pod[], needs: Needs): Pod[] {
  if (needs.size === 0 || pods.length === 0) return []
  const nearest = pods.reduce((best, pod) => (isNearer(pod, best, needs) ? pod : best))
  return [
    nearest,
    ...fewest(
      pods.filter(pod => pod !== nearest),
      needsWithout(needs, [nearest]),
    ),
  ]
}

/** Whether a pod leaves less missing than another one, or as much and takes no more memory, then CPU. */
function isNearer(pod: Pod, than: Pod, needs: Needs): boolean {
  const differences = [
    distance(pod, needs) - distance(than, needs),
    ...['memory', 'cpu'].map(resource => requestOf(pod, resource) - requestOf(than, resource)),
  ]
  return (differences.find(difference => difference !== 0) ?? 0) <= 0
}

/** Each resource weighs the same, whatever its unit. */
const distance = (pod: Pod, needs: Needs): number =>
  [...needs].reduce(
    (sum, [resource, amount]) => sum + (Math.max(0, amount - requestOf(pod, resource)) / amount) ** 2,
    0,
  )
