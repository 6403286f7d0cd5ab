import type { Node } from '../../../shared/api/core.ts'
import { createDomainCounts } from '../domain-counts.ts'
import { podInfoOf, termMatches, type AffinityTerm, type PodInfo } from '../pod-info.ts'
import { none, resolvable, unresolvable, type Cluster, type Judge, type Plugin } from '../plugin.ts'
import { scoreInterPodAffinity } from './inter-pod-affinity-score.ts'
import { namespaceLabels } from './namespace-labels.ts'

/** Pods that must run in the same domain as others, or must not (interpodaffinity/filtering.go). */
export const interPodAffinity: Plugin = {
  name: 'InterPodAffinity',
  filter: judge,
  helps(change, pod, cluster) {
    const means = namespaceLabels(cluster)
    const meansAll = (terms: readonly AffinityTerm[], other: PodInfo) => allMatch(terms, other, means)
    if (change.of === 'pod') {
      const before = change.before && podInfoOf(change.before)
      const after = change.after && podInfoOf(change.after)
      const isNear = (other: PodInfo | undefined) => !!other && meansAll(pod.requiredAffinity, other)
      const isAway = (other: PodInfo | undefined) => !other || !meansAll(pod.requiredAntiAffinity, other)
      if (isNear(after) && !isNear(before)) return true
      if (!before) return false
      if (isAway(after) && !isAway(before)) return true
      return !after && meansAll(before.requiredAntiAffinity, pod)
    }
    if (change.of !== 'node' || !change.parts.has('labels')) return false
    const { before, after } = change
    const valueOf = (node: Node | undefined, key: string) => node?.metadata.labels?.[key]
    const differs = (key: string) => valueOf(before, key) !== valueOf(after, key)
    return (
      pod.requiredAffinity.some(({ topologyKey: key }) => valueOf(after, key) !== undefined && differs(key)) ||
      pod.requiredAntiAffinity.some(
        ({ topologyKey: key }) => !before || (valueOf(before, key) !== undefined && differs(key)),
      )
    )
  },
  score: { weight: 2, of: scoreInterPodAffinity },
}

function judge(pod: PodInfo, cluster: Cluster): Judge | undefined {
  const labelsOf = namespaceLabels(cluster)
  const { requiredAffinity: near, requiredAntiAffinity: away } = pod
  const nearby = createDomainCounts()
  const unwanted = createDomainCounts()
  const refusing = createDomainCounts()

  function count(other: PodInfo, node: Node, sign: 1 | -1) {
    countRefusing(other, node, sign)
    countWanted(other, node, sign)
  }

  function countRefusing(other: PodInfo, node: Node, sign: 1 | -1) {
    for (const term of other.requiredAntiAffinity) {
      if (termMatches(term, pod, labelsOf)) refusing.add(node, term.topologyKey, sign)
    }
  }

  function countWanted(other: PodInfo, node: Node, sign: 1 | -1) {
    if (near.length > 0 && allMatch(near, other, labelsOf)) {
      for (const term of near) nearby.add(node, term.topologyKey, sign)
    }
    for (const term of away) if (termMatches(term, other, labelsOf)) unwanted.add(node, term.topologyKey, sign)
  }

  for (const info of cluster.infos.withRequiredAntiAffinity) {
    for (const other of info.pods.values()) countRefusing(other, info.node, 1)
  }
  if (near.length + away.length > 0) {
    for (const info of cluster.infos.list()) for (const other of info.pods.values()) countWanted(other, info.node, 1)
  } else if (refusing.size === 0) return undefined

  return {
    count,
    reasons({ node }) {
      const lonely = near.find(term => nearby.of(node, term.topologyKey) <= 0)
      if (lonely && !(startsSeries(node) && nearby.size === 0)) {
        const { topologyKey } = lonely
        return unresolvable("node(s) didn't match pod affinity rules", { change: 'podNear', topologyKey })
      }
      const crowded = away.find(term => unwanted.of(node, term.topologyKey) > 0)
      if (crowded) {
        const { topologyKey } = crowded
        return resolvable("node(s) didn't match pod anti-affinity rules", { change: 'podAway', topologyKey })
      }
      const topologyKey = refusing.keys().find(key => refusing.of(node, key) > 0)
      if (topologyKey === undefined) return none
      const message = "node(s) didn't satisfy existing pods anti-affinity rules"
      return resolvable(message, { change: 'podAway', topologyKey })
    },
  }

  /** The first of pods that want to be near each other has nobody to be near to. */
  function startsSeries(node: Node): boolean {
    const hasLabels = near.every(term => node.metadata.labels?.[term.topologyKey] !== undefined)
    return hasLabels && allMatch(near, pod, labelsOf)
  }
}

/** Whether every term means the pod; none at all mean nobody. */
const allMatch = (terms: readonly AffinityTerm[], pod: PodInfo, labelsOf: ReturnType<typeof namespaceLabels>) =>
  terms.length > 0 && terms.every(term => termMatches(term, pod, labelsOf))
