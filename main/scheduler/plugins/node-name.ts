import { none, unresolvable, type Plugin } from '../plugin.ts'

const elsewhere = unresolvable("node(s) didn't match the requested node name")

/** A pod that names its node goes nowhere else (nodename/node_name.go). */
export const nodeName: Plugin = {
  name: 'NodeName',
  filter({ pod }) {
    const wanted = pod.spec.nodeName
    if (!wanted) return undefined
    return { reasons: ({ node }) => (node.metadata.name === wanted ? none : elsewhere) }
  },
  helps: (change, { pod }) =>
    change.of === 'node' && !change.before && change.after.metadata.name === pod.spec.nodeName,
}
