import { untolerated } from '../../../shared/machinery/tolerations.ts'
import { none, unresolvable, type Plugin } from '../plugin.ts'

const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
const cordoned = unresolvable('node(s) were unschedulable', { change: 'uncordon' })

/** Cordoned nodes are for pods that tolerate it only (nodeunschedulable/node_unschedulable.go). */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter({ pod }) {
    if (!untolerated([taint], pod.spec.tolerations)) return undefined
    return { reasons: ({ unschedulable }) => (unschedulable ? cordoned : none) }
  },
  helps: change => change.of === 'node' && change.parts.has('unschedulable') && !change.after.spec?.unschedulable,
}
