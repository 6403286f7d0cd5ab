import type { Node } from '../../../shared/api/core.ts'
import type { EventRecorder } from '../../../shared/client/recorder.ts'
import type { Pressure } from './signals.ts'

const reasons: Record<Pressure, [started: string, ended: string]> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
}

interface Change {
  before: ReadonlySet<Pressure>
  now: ReadonlySet<Pressure>
}

/** Records an event about the node for each condition that began or ended; returns whether one did (pkg/kubelet/nodestatus/setters.go). */
export function tellPressure(node: Node | undefined, { before, now }: Change, recorder: EventRecorder): boolean {
  const differing = Object.entries(reasons).filter(([name]) => has(before, name) !== has(now, name))
  for (const [name, [started, ended]] of node ? differing : []) {
    const reason = has(now, name) ? started : ended
    if (node) recorder.event(node, 'Normal', reason, `Node ${node.metadata.name} status is now: ${reason}`)
  }
  return differing.length > 0
}

const has = (conditions: ReadonlySet<string>, name: string) => conditions.has(name)
