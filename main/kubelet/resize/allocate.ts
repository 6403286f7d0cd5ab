import type { Pod } from '../../../shared/api/core.ts'
import { podRequests } from '../../../shared/machinery/pod-resources.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import type { PodState } from '../pod/pod-state.ts'
import { milliOf } from '../resources/quantities.ts'
import { podQos } from '../resources/qos.ts'
import { asked, grantedBefore, isGranted, withAllocation } from './allocation.ts'
import { tell } from './tell.ts'

/**
 * Decides whether the pod gets what its spec asks for now (pkg/kubelet/allocation, handlePodResourcesResize) and returns
 * the pod with what it is granted.
 */
export function allocate(state: PodState, pod: Pod, parts: KubeletParts): Pod {
  state.allocated ??= grantedBefore(pod)
  state.actuated ??= state.allocated
  const { allocated, resize } = state
  if (isGranted(pod, allocated)) {
    delete resize.pending
    return withAllocation(pod, allocated)
  }
  const refusal = parts.refusal(pod)
  if (refusal) {
    const { generation = 0 } = pod.metadata
    if (resize.pending?.generation !== generation)
      tell(pod, parts, { type: 'Warning', reason: 'ResizeDeferred', what: 'Deferred', error: refusal.message })
    resize.pending = { message: refusal.message, generation, since: resize.pending?.since ?? parts.clock.now() }
    return withAllocation(pod, allocated)
  }
  delete resize.pending
  resize.progress = {}
  state.allocated = asked(pod)
  tell(pod, parts, { type: 'Normal', reason: 'ResizeStarted', what: 'started' })
  return pod
}

/** Pods that wait for room, in the order in which they get it (sortPendingResizes). */
export function inOrder(states: readonly PodState[]): PodState[] {
  return states
    .filter(({ resize, pod, failure, gone }) => {
      const ends = failure !== undefined || gone || pod?.metadata.deletionTimestamp !== undefined
      return resize.pending !== undefined && !ends
    })
    .map(state => ({ state, rank: state.pod ? rankOf(state, state.pod) : [] }))
    .sort((a, b) => a.rank.reduce((order, value, i) => order || value - (b.rank[i] ?? 0), 0))
    .map(({ state }) => state)
}

/** Those that take no more, by priority, guaranteed ones, those that wait longest. */
function rankOf({ allocated, resize }: PodState, pod: Pod): number[] {
  const [now, before] = [podRequests(pod.spec), podRequests(withAllocation(pod, allocated).spec)]
  const increases = ['cpu', 'memory'].some(name => milliOf(now[name]) > milliOf(before[name]))
  const guaranteed = podQos(pod) === 'Guaranteed'
  return [Number(increases), -(pod.spec.priority ?? 0), Number(!guaranteed), resize.pending?.since ?? 0]
}
