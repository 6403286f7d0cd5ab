import { untolerated, type Taint } from '../../../shared/machinery/tolerations.ts'
import { unresolvable, type Filter } from './filter.ts'

/** NoSchedule and NoExecute taints must be tolerated (tainttoleration/taint_toleration.go). */
export const taintToleration: Filter = {
  name: 'TaintToleration',
  reasons(pod, { node }) {
    const taints = ((node.spec?.taints ?? []) as Taint[]).filter(taint => taint.effect !== 'PreferNoSchedule')
    const refused = untolerated(taints, pod.spec.tolerations)
    return refused ? unresolvable('node(s) had untolerated taint(s)') : []
  },
}
