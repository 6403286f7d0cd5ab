import type { Node } from '../../../shared/api/core.ts'
import { tolerates, untolerated, type Taint, type Toleration } from '../../../shared/machinery/tolerations.ts'
import { none, unresolvable, type Plugin } from '../plugin.ts'
import { scaledDown } from '../normalize.ts'

/** NoSchedule and NoExecute taints must be tolerated, PreferNoSchedule ones should (tainttoleration/taint_toleration.go). */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter: ({ pod }) => ({
    reasons({ node }) {
      const taint = forbidding(node, pod.spec.tolerations)
      return taint ? unresolvable('node(s) had untolerated taint(s)', { change: 'tolerations', taint }) : none
    },
  }),
  helps: (change, { pod }) =>
    change.of === 'node' && change.parts.has('taints') && !forbidding(change.after, pod.spec.tolerations),
  score: {
    weight: 3,
    of({ pod }, infos) {
      const tolerations = ((pod.spec.tolerations ?? []) as Toleration[]).filter(
        ({ effect }) => !effect || effect === 'PreferNoSchedule',
      )
      const isUnloved = (taint: Taint) =>
        taint.effect === 'PreferNoSchedule' && !tolerations.some(each => tolerates(each, taint))
      return scaledDown(infos.map(({ node }) => taintsOf(node).filter(isUnloved).length))
    },
  },
}

const noTaints: readonly Taint[] = []
const taintsOf = (node: Node) => node.spec?.taints ?? noTaints

/** The first taint that keeps the pod away and that it does not tolerate. */
export function forbidding(node: Node, tolerations: readonly Toleration[] | undefined): Taint | undefined {
  const taints = taintsOf(node)
  if (taints.length === 0) return undefined
  return untolerated(
    taints.filter(({ effect }) => effect !== 'PreferNoSchedule'),
    tolerations,
  )
}
