import type { Node } from '../../shared/api/core.ts'
import type { Reason, Rejection } from '../../shared/machinery/scheduling-decision.ts'
import { copyOf, putOn, type NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { Cluster, Judge, Plugin } from './plugin.ts'

/** What the filters make of a pod. */
export interface Examination {
  /** A plugin that refuses the pod whatever the node. */
  readonly refusal?: { plugin: string; reason: Reason }
  /** Whether a node is among those that are worth asking about. */
  isCandidate(node: string): boolean
  /** The plugins that narrowed the candidates down, sorted. */
  readonly narrowedBy: readonly string[]
  /** The first filter's reasons against a node, room kept for pods that were promised it; undefined if the pod may go there. */
  rejection(info: NodeInfo): Rejection | undefined
  /** What every filter has against a node as it is. */
  rejections(info: NodeInfo): Rejection[]
  /** Counts another pod as on a node or gone from it; to be taken back after the question. */
  count(other: PodInfo, node: Node, sign: 1 | -1): void
}

/** Runs what filters look at once per pod (PreFilter); the first refusal ends it. */
export function examine(pod: PodInfo, cluster: Cluster, filters: readonly Plugin[]): Examination {
  const judges: { plugin: string; judge: Judge }[] = []
  const narrowedBy: string[] = []
  let only: ReadonlySet<string> | undefined
  let refusal: Examination['refusal']
  for (const plugin of filters) {
    const found = plugin.filter?.(pod, cluster)
    if (!found) continue
    if ('refusal' in found) {
      refusal = { plugin: plugin.name, reason: found.refusal }
      break
    }
    judges.push({ plugin: plugin.name, judge: found })
    if (found.only) {
      only = only?.intersection(found.only) ?? found.only
      narrowedBy.push(plugin.name)
    }
  }

  function first(info: NodeInfo): Rejection | undefined {
    for (const { plugin, judge } of judges) {
      const reasons = judge.reasons(info)
      if (reasons.length > 0) return { plugin, reasons }
    }
    return undefined
  }

  function count(other: PodInfo, node: Node, sign: 1 | -1) {
    for (const { judge } of judges) judge.count?.(other, node, sign)
  }

  return {
    ...(refusal && { refusal }),
    narrowedBy,
    isCandidate: node => !only || only.has(node),
    count,
    rejection(info) {
      const promised = cluster.infos
        .nominatedTo(info.name)
        .filter(other => other.priority >= pod.priority && other.uid !== pod.uid)
      if (promised.length === 0) return first(info)
      // They may never come, so it must fit both with them and without.
      const crowded = copyOf(info)
      for (const other of promised) {
        putOn(crowded, other)
        count(other, info.node, 1)
      }
      const against = first(crowded)
      for (const other of promised) count(other, info.node, -1)
      return against ?? first(info)
    },
    rejections: info =>
      judges.flatMap(({ plugin, judge }) => {
        const reasons = judge.reasons(info)
        return reasons.length > 0 ? [{ plugin, reasons }] : []
      }),
  }
}
