import type { Node } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import type { Taint } from '../../../shared/machinery/tolerations.ts'
import { conditionOf } from '../pod-state.ts'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'
const unschedulable = 'node.kubernetes.io/unschedulable'

/** The taint of each condition status that has one (node_lifecycle_controller.go nodeConditionToTaintKeyStatusMap). */
const taintOf: Record<string, Partial<Record<string, string>>> = {
  Ready: { False: notReady, Unknown: unreachable },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
}

const owned = new Set([unschedulable, ...Object.values(taintOf).flatMap(keys => Object.values(keys))])

interface Options {
  /** False while no node at all is ready: the fault is then more likely the control plane's than every node's. */
  evicts: boolean
  now: number
}

/** The taints a node shall have: those of its conditions, and whatever others it has. */
export function nodeTaints(node: Node, { evicts, now }: Options): Taint[] {
  const before = (node.spec?.taints ?? []) as Taint[]
  const conditions = node.status?.conditions
  const noSchedule = Object.entries(taintOf).flatMap(
    ([type, keys]) => keys[conditionOf(conditions, type)?.status ?? ''] ?? [],
  )
  if (node.spec?.unschedulable) noSchedule.push(unschedulable)
  const ready = conditionOf(conditions, 'Ready')?.status ?? ''
  const noExecute = evicts ? [taintOf['Ready']?.[ready]].filter(key => key !== undefined) : []

  const wanted = [
    ...noSchedule.map(key => ({ key, effect: 'NoSchedule' })),
    ...noExecute.map(key => ({ key, effect: 'NoExecute' })),
  ]
  const isSame = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect
  const kept = before.filter(taint => !isOurs(taint) || wanted.some(each => isSame(each, taint)))
  const added = wanted.filter(each => !kept.some(taint => isSame(taint, each)))
  return [...kept, ...added.map(taint => ({ ...taint, timeAdded: toTime(now) }))]
}

const isOurs = ({ key, effect }: Taint) =>
  effect === 'NoExecute' ? key === notReady || key === unreachable : effect === 'NoSchedule' && owned.has(key)
