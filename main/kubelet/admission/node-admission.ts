import type { Node, Pod } from '../../../shared/api/core.ts'
import type { PodFailure } from '../pod/pod-failure.ts'
import { isOver } from '../pod/pod-records.ts'
import type { PodState } from '../pod/pod-state.ts'
import { withAllocation } from '../resize/allocation.ts'
import { refusalOf } from './admit.ts'
import type { Refusal, Shortage } from './admission.ts'
import { podsToPreempt } from './preempt.ts'
import { sysctlPattern } from './sysctl-patterns.ts'

interface Options {
  /** Of all pods that this node has. */
  states: () => readonly PodState[]
  /** As the API has it, or will have it once it is registered. */
  node: () => Node
  appArmor: () => boolean
  allowedUnsafeSysctls: readonly string[]
  end: (podUid: string, failure: PodFailure) => void
}

const preempting = 'Preempting'
const preempted: PodFailure = {
  reason: preempting,
  message: 'Preempted in order to admit critical pod',
  disruption: 'Pod was preempted by Kubelet to accommodate a critical pod.',
}

/**
 * Asks whether the node takes a pod as its spec is now: tells why not, or undefined. For a critical pod that lacks nothing
 * but room, others end; it does not wait for that (pkg/kubelet/preemption does), and from then on they take no room.
 */
export function createNodeAdmission(options: Options): (pod: Pod) => Refusal | undefined {
  const allowedSysctls = options.allowedUnsafeSysctls.map(sysctlPattern)
  return pod => {
    const others = options
      .states()
      .flatMap(state =>
        !state.pod || state.identity.uid === pod.metadata.uid || isDone(state)
          ? []
          : withAllocation(state.pod, state.allocated),
      )
    const makeRoom = (shortages: readonly Shortage[]): Refusal | undefined => {
      try {
        for (const { metadata } of podsToPreempt(pod, others, shortages)) options.end(metadata.uid, preempted)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        const failed = 'Unexpected error while attempting to recover from admission failure: preemption: error finding'
        return { reason: 'UnexpectedAdmissionError', message: `${failed} a set of pods to preempt: ${why}` }
      }
      return undefined
    }
    return refusalOf({ pod, others, node: options.node(), appArmor: options.appArmor(), allowedSysctls, makeRoom })
  }
}

/** Whether a pod takes nothing of the node, or will soon not do so. */
const isDone = ({ pod, gone, cleaned, failure }: PodState) =>
  gone || cleaned || failure?.rejected || failure?.reason === preempting || !pod || isOver(pod)
