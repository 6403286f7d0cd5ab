import type { NodeInfo } from '../node-info.ts'
import { podInfoOf, type HostPort, type PodInfo } from '../pod-info.ts'
import { none, resolvable, type Plugin } from '../plugin.ts'

/** A host port can be taken once (nodeports/node_ports.go). */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  filter({ ports }) {
    if (ports.length === 0) return undefined
    return {
      reasons(info) {
        const taken = ports.filter(port => isTaken(port, info)).map(nameOf)
        if (taken.length === 0) return none
        const message = "node(s) didn't have free ports for the requested pod ports"
        return resolvable(message, { change: 'hostPorts', ports: taken })
      },
    }
  },
  helps(change, { ports }) {
    if (change.of === 'node') return !change.before
    if (change.of !== 'pod' || change.after || !change.before) return false
    return podInfoOf(change.before).ports.some(freed => ports.some(port => overlaps(port, freed)))
  },
}

function isTaken(port: HostPort, { pods }: NodeInfo): boolean {
  for (const pod of pods.values()) if (takes(pod, port)) return true
  return false
}

const takes = ({ ports }: PodInfo, port: HostPort) => ports.length > 0 && ports.some(taken => overlaps(port, taken))

/** 0.0.0.0 stands for every address of the node. */
const overlaps = (a: HostPort, b: HostPort) =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')

const nameOf = ({ ip, protocol, port }: HostPort) => `${ip}:${port}/${protocol}`
