import { featuresToRun } from '../../../shared/machinery/node-features.ts'
import { none, unresolvable, type Plugin } from '../plugin.ts'

const lacking = unresolvable("node(s) didn't match Pod's required features")

/** What not every version of the kubelet can do is left to those that say they can (nodedeclaredfeatures/nodedeclaredfeatures.go). */
export const nodeDeclaredFeatures: Plugin = {
  name: 'NodeDeclaredFeatures',
  filter({ pod }) {
    const needed = featuresToRun(pod.spec)
    if (needed.length === 0) return undefined
    return {
      reasons: ({ node }) =>
        needed.every(feature => node.status?.declaredFeatures?.includes(feature)) ? none : lacking,
    }
  },
  helps: change => change.of === 'node' && change.parts.has('declaredFeatures'),
}
