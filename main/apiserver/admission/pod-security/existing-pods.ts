import type { Pod } from '../../../../shared/api/core.ts'
import { violationsOf } from './checks.ts'
import { printLevel, type LevelVersion } from './pod-policy.ts'
import { podOf } from './pod-templates.ts'

/** How many pods a change of a namespace looks at. */
const most = 3000

/** What a level has against the pods that a namespace has already: pods with the same faults are told of once. */
export function existingPodWarnings(namespace: string, pods: readonly Pod[], level: LevelVersion): string[] {
  const checked = oneOfEachFirst(pods).slice(0, most)
  const faulty = new Map<string, string[]>()
  for (const pod of checked) {
    const reasons = violationsOf(podOf(pod), level).map(({ reason }) => reason)
    if (reasons.length === 0) continue
    const text = reasons.join(', ')
    faulty.set(text, [...(faulty.get(text) ?? []), pod.metadata.name])
  }
  const unchecked = `new PodSecurity enforce level only checked against the first ${checked.length} of ${pods.length} existing pods`
  const title = `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${printLevel(level)}"`
  return [
    ...(checked.length < pods.length ? [unchecked] : []),
    ...(faulty.size > 0 ? [title] : []),
    ...[...faulty].map(([text, names]) => `${listed(names)}: ${text}`).sort(),
  ]
}

/** `a (and 2 other pods)` */
function listed(names: readonly string[]): string {
  const [first = '', ...others] = [...names].sort()
  if (others.length === 0) return first
  return `${first} (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'})`
}

/** Pods of one controller are alike: the first of each comes before all others. */
function oneOfEachFirst(pods: readonly Pod[]): Pod[] {
  const seen = new Set<string>()
  const isFurther = (pod: Pod) => {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid
    if (owner === undefined) return false
    return seen.size === seen.add(owner).size
  }
  const { first = [], further = [] } = Object.groupBy(pods, pod => (isFurther(pod) ? 'further' : 'first'))
  return [...first, ...further]
}
