import type { Node } from '../../shared/api/core.ts'
import { condition, conditionsOf, type ObjectStatus } from './status.ts'

/** Conditions of a node that are bad when they are True. */
const pressures = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable']

export function nodeStatus(node: Node): ObjectStatus {
  const ready = condition(node, 'Ready')
  const cordoned = node.spec?.unschedulable === true
  if (!ready) return { mark: 'unk', word: 'NoReport' }
  if (ready.status !== 'True') return { mark: 'err', word: 'NotReady', ...(cordoned && { note: 'cordoned' }) }
  if (cordoned) return { mark: 'warn', word: 'Ready', note: 'cordoned' }
  const pressure = conditionsOf(node).find(c => pressures.includes(c.type) && c.status === 'True')
  if (pressure) return { mark: 'warn', word: 'Ready', note: pressure.type }
  return { mark: 'ok', word: 'Ready' }
}
