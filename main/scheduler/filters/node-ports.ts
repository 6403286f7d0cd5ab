import { hostPorts, type HostPort } from '../node-infos.ts'
import type { Filter } from './filter.ts'

/** A host port can be taken once (nodeports/node_ports.go). */
export const nodePorts: Filter = {
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
