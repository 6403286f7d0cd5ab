import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Cluster } from '../plugin.ts'
import { constraintsOf, countMatching, defaultConstraints, hasDomains } from './topology-spread-constraints.ts'

const hostname = 'kubernetes.io/hostname'

/** Fewer matching pods in the node's domains is better; small topologies weigh as much as large ones (podtopologyspread/scoring.go). */
export function scorePodTopologySpread({ pod, namespace }: PodInfo, infos: readonly NodeInfo[], cluster: Cluster) {
  const isOwn = (pod.spec.topologySpreadConstraints ?? []).length > 0
  const constraints = isOwn ? constraintsOf(pod, 'ScheduleAnyway') : defaultConstraints(pod, cluster)
  if (constraints.length === 0) return undefined

  const isScored = (info: NodeInfo) => !isOwn || hasDomains(info.node, constraints)
  const scored = infos.filter(isScored)
  const columns = constraints.map(constraint => {
    const { topologyKey, selector, includes, maxSkew } = constraint
    const domainOf = ({ node }: NodeInfo) => node.metadata.labels?.[topologyKey] ?? ''
    const countOn = (info: NodeInfo) => countMatching(info, selector, namespace)
    if (topologyKey === hostname) return { size: scored.length, maxSkew, topologyKey, countOn }
    const counts = new Map(scored.map(info => [domainOf(info), 0]))
    for (const info of cluster.infos.list()) {
      const known = counts.get(domainOf(info))
      if (known === undefined || !isScored(info) || !includes(info.node)) continue
      counts.set(domainOf(info), known + countOn(info))
    }
    return { size: counts.size, maxSkew, topologyKey, countOn: (info: NodeInfo) => counts.get(domainOf(info)) ?? 0 }
  })

  const raw = infos.map(info => {
    if (!isScored(info)) return undefined
    const parts = columns
      .filter(({ topologyKey }) => info.node.metadata.labels?.[topologyKey] !== undefined)
      .map(({ size, maxSkew, countOn }) => countOn(info) * Math.log(size + 2) + maxSkew - 1)
    return Math.round(parts.reduce((sum, part) => sum + part, 0))
  })
  return inverted(raw)
}

/** The fewest become 100 at most; nodes that are not scored get 0. */
function inverted(raw: readonly (number | undefined)[]): number[] {
  const known = raw.filter(value => value !== undefined)
  const most = known.reduce((a, b) => Math.max(a, b), 0)
  const least = known.reduce((a, b) => Math.min(a, b), Infinity)
  return raw.map(value => {
    if (value === undefined) return 0
    return most === 0 ? 100 : Math.trunc((100 * (most + least - value)) / most)
  })
}
