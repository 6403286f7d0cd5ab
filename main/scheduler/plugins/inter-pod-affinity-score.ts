import { createDomainCounts } from '../domain-counts.ts'
import type { NodeInfo } from '../node-info.ts'
import { termMatches, type AffinityTerm, type PodInfo } from '../pod-info.ts'
import type { Cluster } from '../plugin.ts'
import { namespaceLabels } from './namespace-labels.ts'

/** What a required affinity of a pod that is there counts for a pod that it means (hardPodAffinityWeight). */
const requiredWeight = 1

/**
 * Weights of the preferences that hold, the pod's own and those that pods already there have about it
 * (interpodaffinity/scoring.go).
 */
export function scoreInterPodAffinity(pod: PodInfo, infos: readonly NodeInfo[], cluster: Cluster) {
  const labelsOf = namespaceLabels(cluster)
  const { preferredAffinity, preferredAntiAffinity } = pod
  const hasPreferences = preferredAffinity.length + preferredAntiAffinity.length > 0
  const sums = createDomainCounts()

  for (const info of hasPreferences ? cluster.infos.list() : cluster.infos.withAffinity) {
    const add = (terms: readonly AffinityTerm[], about: PodInfo, weight: (term: AffinityTerm) => number) => {
      for (const term of terms)
        if (termMatches(term, about, labelsOf)) sums.add(info.node, term.topologyKey, weight(term))
    }
    for (const other of info.pods.values()) {
      add(preferredAffinity, other, term => term.weight)
      add(preferredAntiAffinity, other, term => -term.weight)
      add(other.requiredAffinity, pod, () => requiredWeight)
      add(other.preferredAffinity, pod, term => term.weight)
      add(other.preferredAntiAffinity, pod, term => -term.weight)
    }
  }
  if (sums.size === 0) return undefined
  return spreadOut(infos.map(({ node }) => sums.keys().reduce((sum, key) => sum + sums.of(node, key), 0)))
}

/** The lowest becomes 0 and the highest 100. */
function spreadOut(values: readonly number[]): number[] {
  const [least, most] = values.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Infinity, -Infinity],
  )
  return values.map(value => (most === least ? 0 : Math.trunc((100 * (value - least)) / (most - least))))
}
