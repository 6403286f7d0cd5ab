import { unresolvable, type Filter } from './filter.ts'

/** A pod that names its node goes nowhere else (nodename/node_name.go). */
export const nodeName: Filter = {
  name: 'NodeName',
  reasons: (pod, { node }) =>
    pod.spec.nodeName && pod.spec.nodeName !== node.metadata.name
      ? unresolvable("node(s) didn't match the requested node name")
      : [],
}
