import type { Node } from '../../../shared/api/core.ts'
import { matchesRequirements } from '../../../shared/machinery/selectors.ts'
import { podInfoOf, type PodInfo } from '../pod-info.ts'
import { none, resolvable, unresolvable, type Cluster, type Judge, type Plugin } from '../plugin.ts'
import { scorePodTopologySpread } from './pod-topology-spread-score.ts'
import { constraintsOf, countMatching, hasDomains, type Constraint } from './topology-spread-constraints.ts'

/** Pods spread evenly over the domains of a topology (podtopologyspread/filtering.go, KEP-895). */
export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  filter: judge,
  helps(change, pod) {
    const constraints = constraintsOf(pod.pod, 'DoNotSchedule')
    if (constraints.length === 0) return false
    if (change.of === 'node') {
      const { before, after, parts } = change
      if (!parts.has('labels') && !parts.has('taints')) return false
      return hasDomains(after, constraints) || (!!before && hasDomains(before, constraints))
    }
    if (change.of === 'nodeGone') return hasDomains(change.before, constraints)
    if (change.of !== 'pod') return false
    const counts = (other: PodInfo) =>
      other.namespace === pod.namespace &&
      constraints.some(({ selector }) => matchesRequirements(selector, other.pod.metadata.labels))
    return [change.before, change.after].some(other => other && counts(podInfoOf(other)))
  },
  score: { weight: 2, of: scorePodTopologySpread },
}

function judge(pod: PodInfo, cluster: Cluster): Judge | undefined {
  const constraints = constraintsOf(pod.pod, 'DoNotSchedule')
  if (constraints.length === 0) return undefined
  const domains = constraints.map(constraint => createDomains(pod, constraint))
  for (const info of cluster.infos.list()) {
    if (!hasDomains(info.node, constraints)) continue
    for (const each of domains) {
      each.add(info.node, countMatching(info, each.constraint.selector, pod.namespace))
    }
  }
  return {
    count(other, node, sign) {
      if (other.namespace !== pod.namespace || !hasDomains(node, constraints)) return
      for (const each of domains) {
        if (matchesRequirements(each.constraint.selector, other.pod.metadata.labels)) each.add(node, sign)
      }
    },
    reasons({ node }) {
      for (const each of domains) {
        const { topologyKey } = each.constraint
        const domain = node.metadata.labels?.[topologyKey]
        if (domain === undefined) {
          return unresolvable("node(s) didn't match pod topology spread constraints (missing required label)", {
            change: 'topologyLabel',
            topologyKey,
          })
        }
        const over = each.excess(domain)
        if (over > 0) {
          const fix = { change: 'spread', topologyKey, domain, excess: over } as const
          return resolvable("node(s) didn't match pod topology spread constraints", fix)
        }
      }
      return none
    },
  }
}

/** The matching pods of each domain, as one constraint counts them. */
function createDomains(pod: PodInfo, constraint: Constraint) {
  const { topologyKey, maxSkew, minDomains, selector, includes } = constraint
  const counts = new Map<string, number>()
  const own = matchesRequirements(selector, pod.pod.metadata.labels) ? 1 : 0
  let least: number | undefined
  return {
    constraint,
    add(node: Node, amount: number) {
      const domain = node.metadata.labels?.[topologyKey]
      if (domain === undefined || !includes(node)) return
      counts.set(domain, (counts.get(domain) ?? 0) + amount)
      least = undefined
    },
    /** By how many pods the skew would be too great with the pod in this domain. */
    excess(domain: string): number {
      // With fewer domains than there should be, the ones to come are counted as empty.
      least ??= counts.size < minDomains ? 0 : counts.values().reduce((a, b) => Math.min(a, b), Infinity)
      return (counts.get(domain) ?? 0) + own - least - maxSkew
    },
  }
}
