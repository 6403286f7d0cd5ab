import { untolerated, type Taint } from '../../../shared/machinery/tolerations.ts'
import { hostPorts, type HostPort } from '../node-infos.ts'
import { unresolvable, type Filter } from './filter.ts'
import { matchesRequiredAffinity } from './node-affinity.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'

const nodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  reasons(pod, { node }) {
    if (!node.spec?.unschedulable) return []
    const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
    const isTolerated = !untolerated([taint], pod.spec.tolerations)
    return isTolerated ? [] : unresolvable('node(s) were unschedulable')
  },
}

const nodeName: Filter = {
  name: 'NodeName',
  reasons: (pod, { node }) =>
    pod.spec.nodeName && pod.spec.nodeName !== node.metadata.name
      ? unresolvable("node(s) didn't match the requested node name")
      : [],
}

const taintToleration: Filter = {
  name: 'TaintToleration',
  reasons(pod, { node }) {
    const taints = ((node.spec?.taints ?? []) as Taint[]).filter(taint => taint.effect !== 'PreferNoSchedule')
    const refused = untolerated(taints, pod.spec.tolerations)
    return refused ? unresolvable('node(s) had untolerated taint(s)') : []
  },
}

const nodeAffinity: Filter = {
  name: 'NodeAffinity',
  reasons: (pod, { node }) =>
    matchesRequiredAffinity(pod, node) ? [] : unresolvable("node(s) didn't match Pod's node affinity/selector"),
}

const nodePorts: Filter = {
  name: 'NodePorts',
  reasons(pod, info) {
    const wanted = hostPorts(pod)
    const isTaken = info.ports.some(taken => wanted.some(port => overlaps(port, taken)))
    const message = "node(s) didn't have free ports for the requested pod ports"
    return isTaken ? [{ message, unresolvable: false }] : []
  },
}

/** 0.0.0.0 stands for every address of the node. */
const overlaps = (a: HostPort, b: HostPort) =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')

/** In upstream's order: of a node's reasons, those of the first filter that has any go into the event. */
export const filters: readonly Filter[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
]
