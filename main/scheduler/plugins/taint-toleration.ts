import { tolerates, untolerated, type Taint, type Toleration } from '../../../shared/machinery/tolerations.ts'
import { none, unresolvable, type Plugin } from '../plugin.ts'
import { scaledDown } from '../normalize.ts'

/** NoSchedule and NoExecute taints must be tolerated, PreferNoSchedule ones should (tainttoleration/taint_toleration.go). */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter: ({ pod }) => ({
    reasons({ taints }) {
      const taint = taints.length === 0 ? undefined : forbidding(taints, pod.spec.tolerations)
      return taint ? unresolvable('node(s) had untolerated taint(s)', { change: 'tolerations', taint }) : none
    },
  }),
  helps: (change, { pod }) =>
    change.of === 'node' &&
    change.parts.has('taints') &&
    !forbidding(change.after.spec?.taints ?? [], pod.spec.tolerations),
  score: {
    weight: 3,
    of({ pod }, infos) {
      const tolerations = ((pod.spec.tolerations ?? []) as Toleration[]).filter(
        ({ effect }) => !effect || effect === 'PreferNoSchedule',
      )
      const isUnloved = (taint: Taint) =>
        taint.effect === 'PreferNoSchedule' && !tolerations.some(each => tolerates(each, taint))
      return scaledDown(infos.map(({ taints }) => (taints.length === 0 ? 0 : taints.filter(isUnloved).length)))
    },
  },
}

/** The first taint that keeps the pod away and that it does not tolerate. */
export const forbidding = (taints: readonly Taint[], tolerations: readonly Toleration[] | undefined) =>
  untolerated(
    taints.filter(({ effect }) => effect !== 'PreferNoSchedule'),
    tolerations,
  )
