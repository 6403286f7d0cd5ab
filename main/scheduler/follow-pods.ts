import { pods, type Pod } from '../../shared/api/core.ts'
import { jsonEqual } from '../../shared/machinery/json-value.ts'
import type { PodBinder } from './bind-pod.ts'
import { podInfoOf, type PodInfo } from './pod-info.ts'
import type { SchedulerParts } from './scheduler-parts.ts'

/** Keeps queue, nodes and decisions up to date with the pods of the cluster (eventhandlers.go). */
export function followPods(parts: SchedulerParts, binder: PodBinder): Disposable {
  const { queue, decisions, frameworkOf, changed } = parts
  const { infos } = parts.cluster

  const isOurs = (pod: Pod) => isWaiting(pod) && frameworkOf(pod) !== undefined

  function put(pod: Pod, before?: Pod) {
    const info = podInfoOf(pod)
    const { uid } = info
    if (isOver(pod)) remove(pod)
    else if (pod.spec.nodeName) {
      binder.confirm(uid)
      queue.remove(uid)
      infos.put(info, pod.spec.nodeName)
      if (!before?.spec.nodeName) changed({ of: 'pod', after: pod })
      else if (!isSame(pod, before) || takesLess(info, podInfoOf(before))) changed({ of: 'pod', before, after: pod })
    } else if (!isOurs(pod)) {
      queue.remove(uid)
      infos.nominate(info, undefined)
    } else if (!binder.isAssumed(uid)) {
      const nominated = pod.status?.nominatedNodeName
      if (nominated) infos.nominate(info, nominated)
      if (before && isOurs(before) && isSame(pod, before)) queue.refresh(info)
      else queue.add(info)
    }
  }

  function remove(pod: Pod) {
    const info = podInfoOf(pod)
    binder.abandon(info.uid)
    decisions.remove(info.uid)
    queue.remove(info.uid)
    infos.remove(info.uid)
    infos.nominate(info, undefined)
    if (pod.spec.nodeName) changed({ of: 'pod', before: pod })
  }

  return parts.informers.informer(pods).on({ added: put, updated: put, deleted: remove })
}

/** A resize has given something back. */
const takesLess = (now: PodInfo, before: PodInfo) =>
  before.requests.entries().some(([name, amount]) => (now.requests.get(name) ?? 0) < amount)

const isOver = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Whether a pod waits for a node: it has none, no gates (KEP-3521), and is not on its way out. */
const isWaiting = ({ metadata, spec }: Pod) =>
  !spec.nodeName && (spec.schedulingGates ?? []).length === 0 && !metadata.deletionTimestamp

/** Nothing changed that matters to where this or another pod fits: spec, by its generation, labels, claims made for it. */
const isSame = (a: Pod, b: Pod) =>
  !!a.metadata.deletionTimestamp === !!b.metadata.deletionTimestamp &&
  a.metadata.generation === b.metadata.generation &&
  jsonEqual(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
  jsonEqual(a.status?.resourceClaimStatuses ?? [], b.status?.resourceClaimStatuses ?? [])
