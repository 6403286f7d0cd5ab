import { untolerated } from '../../../shared/machinery/tolerations.ts'
import { unresolvable, type Filter } from './filter.ts'

/** Cordoned nodes are for pods that tolerate it only (nodeunschedulable/node_unschedulable.go). */
export const nodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  reasons(pod, { node }) {
    if (!node.spec?.unschedulable) return []
    const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
    const isTolerated = !untolerated([taint], pod.spec.tolerations)
    return isTolerated ? [] : unresolvable('node(s) were unschedulable')
  },
}
