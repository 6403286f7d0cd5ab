import type { Node, Pod } from '../../../shared/api/core.ts'
import {
  matchesTerm,
  meetsRequiredAffinity,
  unmet,
  type NodeRequirement,
} from '../../../shared/machinery/node-selector.ts'
import { scaled } from '../normalize.ts'
import { none, unresolvable, type Plugin } from '../plugin.ts'

/** The pod's nodeSelector and node affinity, required and preferred (nodeaffinity/node_affinity.go). */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  filter({ pod }) {
    if (!pod.spec.nodeSelector && !requiredOf(pod)) return undefined
    const only = namedNodes(pod)
    if (only?.size === 0) return { refusal: { message: 'pod affinity terms conflict', unresolvable: true } }
    return {
      ...(only && { only }),
      reasons({ node }) {
        if (meetsRequiredAffinity(pod.spec, node)) return none
        const requirements = missing(pod, node)
        return unresolvable("node(s) didn't match Pod's node affinity/selector", { change: 'nodeLabels', requirements })
      },
    }
  },
  helps: (change, { pod }) =>
    change.of === 'node' &&
    change.parts.has('labels') &&
    meetsRequiredAffinity(pod.spec, change.after) &&
    !(change.before && meetsRequiredAffinity(pod.spec, change.before)),
  score: {
    weight: 2,
    of({ pod }, infos) {
      const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
      if (preferred.length === 0) return undefined
      return scaled(
        infos.map(({ node }) =>
          preferred.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0),
        ),
      )
    },
  },
}

const requiredOf = (pod: Pod) => pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution

/** Of the nodeSelector what is missing, and of the alternative terms the one that misses least. */
function missing(pod: Pod, node: Node): NodeRequirement[] {
  const selector = Object.entries(pod.spec.nodeSelector ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }))
  const terms = (requiredOf(pod)?.nodeSelectorTerms ?? []).map(term => unmet(term, node))
  const [nearest = []] = terms.toSorted((a, b) => a.length - b.length)
  return [...unmet({ matchExpressions: selector }, node), ...nearest]
}

/** The nodes that every term names, as a DaemonSet's pods do; undefined if any term goes without. */
function namedNodes(pod: Pod): ReadonlySet<string> | undefined {
  const terms = requiredOf(pod)?.nodeSelectorTerms ?? []
  const named = terms.map(({ matchFields = [] }) =>
    matchFields
      .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
      .map(({ values = [] }) => new Set(values))
      .reduce<Set<string> | undefined>((both, values) => both?.intersection(values) ?? values, undefined),
  )
  if (named.length === 0 || named.includes(undefined)) return undefined
  return new Set(named.flatMap(names => [...(names ?? [])]))
}
