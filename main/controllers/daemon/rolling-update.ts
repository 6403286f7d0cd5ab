import type { DaemonSet } from '../../../shared/api/apps.ts'
import type { Node, Pod } from '../../../shared/api/core.ts'
import { scaledValue } from '../../../shared/machinery/int-or-percent.ts'
import { availableAt } from '../pod-state.ts'
import { isUpdated } from './daemon-pods.ts'
import { placementOn } from './placement.ts'

/** Pods to make, one per node named, and pods to delete. */
export interface Changes {
  create: string[]
  remove: Pod[]
}

interface Given {
  set: DaemonSet
  nodes: readonly Node[]
  pods: ReadonlyMap<string, Pod[]>
  hash: string
  now: number
}

/** What a node has of a DaemonSet; undefined if it has more than one of a kind. */
interface Pair {
  fresh: Pod | undefined
  old: Pod | undefined
}

/** How many nodes may have two pods, or none that is available, of so many that shall have one. */
function limits(set: DaemonSet, total: number): { surge: number; unavailable: number } {
  const { type, rollingUpdate: { maxSurge = 0, maxUnavailable = 0 } = {} } = set.spec.updateStrategy ?? {}
  if (type !== 'RollingUpdate') return { surge: 0, unavailable: 0 }
  const surge = scaledValue(maxSurge, { total, round: 'up' }) ?? 0
  const unavailable = scaledValue(maxUnavailable, { total, round: 'up' }) ?? 0
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

export const allowsSurge = (set: DaemonSet): boolean => limits(set, 1).surge > 0

/** The next pods to delete and, with surge, nodes to get a second pod, for an update to go on (daemon/update.go rollingUpdate). */
export function rollingUpdate(given: Given): Changes {
  const { set, nodes, pods, now } = given
  const shouldRun = new Set(nodes.filter(node => placementOn(node, set).shouldRun).map(({ metadata }) => metadata.name))
  const names = new Set([...shouldRun, ...pods.keys()])
  const pairs = [...names].map(node => ({ node, pair: pairOn(given, node) }))
  const isAvailable = (pod: Pod) => (availableAt(pod, set.spec.minReadySeconds ?? 0) ?? Infinity) <= now
  const { surge, unavailable } = limits(set, shouldRun.size)
  return surge === 0
    ? replace(pairs, { unavailable, isAvailable })
    : addBeside(pairs, { surge, isAvailable, shouldRun })
}

type Pairs = { node: string; pair: Pair | undefined }[]

/** Deletes old pods: those that are not available anyway, and of the others as many as may be unavailable. */
function replace(
  pairs: Pairs,
  { unavailable, isAvailable }: { unavailable: number; isAvailable: (pod: Pod) => boolean },
): Changes {
  const remove: Pod[] = []
  const candidates: Pod[] = []
  let count = 0
  for (const { pair } of pairs) {
    const { fresh, old } = pair ?? {}
    const only = fresh && old ? undefined : (fresh ?? old)
    if (!only || !isAvailable(only)) count++
    if (only === undefined || only !== old) continue
    if (isAvailable(old)) candidates.push(old)
    else remove.push(old)
  }
  return { create: [], remove: [...remove, ...candidates.slice(0, Math.max(0, unavailable - count))] }
}

/** Makes new pods beside old ones, and deletes old ones beside which a new one is available. */
function addBeside(
  pairs: Pairs,
  {
    surge,
    isAvailable,
    shouldRun,
  }: { surge: number; isAvailable: (pod: Pod) => boolean; shouldRun: ReadonlySet<string> },
): Changes {
  const create: string[] = []
  const candidates: string[] = []
  const remove: Pod[] = []
  const leaving: Pod[] = []
  let surging = 0
  let available = 0
  for (const { node, pair } of pairs) {
    if (!pair) surging++
    const { fresh, old } = pair ?? {}
    const counted = old ?? fresh
    if (counted && isAvailable(counted)) available++
    if (!old) continue
    if (fresh) {
      if (isAvailable(fresh)) remove.push(old)
      else surging++
    } else if (!shouldRun.has(node)) (isAvailable(old) ? leaving : remove).push(old)
    else (isAvailable(old) ? candidates : create).push(node)
  }
  // A node that is not wanted any more keeps its pod until as many as wanted are available elsewhere.
  const spare = Math.max(0, available - shouldRun.size)
  return {
    create: [...create, ...candidates.slice(0, Math.max(0, surge - surging))],
    remove: [...remove, ...leaving.slice(0, spare)],
  }
}

function pairOn({ set, pods, hash }: Given, node: string): Pair | undefined {
  const staying = (pods.get(node) ?? []).filter(pod => !pod.metadata.deletionTimestamp)
  const fresh = staying.filter(pod => isUpdated(set, pod, hash))
  const old = staying.filter(pod => !isUpdated(set, pod, hash))
  return fresh.length > 1 || old.length > 1 ? undefined : { fresh: fresh[0], old: old[0] }
}
