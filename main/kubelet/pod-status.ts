import type { ContainerStatus, Pod } from '../../shared/api/core.ts'
import { toTime } from '../../shared/machinery/clock.ts'
import { containerStatus } from './container-status.ts'
import type { ContainerStatusInput } from './container-status.ts'
import { podConditions } from './pod-conditions.ts'
import { podPhase } from './pod-phase.ts'
import type { PodFailure } from './pod-failure.ts'
import { ephemeralContainers, newest, isSidecar, sandboxOf } from './pod-records.ts'
import { podQos } from './qos.ts'
import type { ResizeState } from './resize/resize-state.ts'

export type PodStatus = NonNullable<Pod['status']>

export interface PodStatusInput extends ContainerStatusInput {
  hostIP: string
  /** Milliseconds since the epoch. */
  now: number
  /** Nothing will be started any more. */
  terminal: boolean
  /** Why the kubelet ended the pod by itself (DeadlineExceeded, ...); the phase is then Failed. */
  failure?: PodFailure
  resize?: ResizeState
}

/** A pod's whole status as its records tell it (pkg/kubelet/kubelet_pods.go, generateAPIPodStatus). Pure. */
export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, records, hostIP, failure } = input
  const old = pod.status ?? {}
  const specInits = pod.spec.initContainers ?? []
  const initDone = specInits.every(c => {
    const record = newest(records, c.name)
    return isSidecar(c) ? record?.state === 'running' : record?.state === 'exited' && record.exitCode === 0
  })
  const anyRan = pod.spec.containers.some(c => newest(records, c.name))
  const unstarted = specInits.length > 0 && !initDone && !anyRan ? 'PodInitializing' : 'ContainerCreating'
  const init = specInits.map(c => containerStatus(c, 'PodInitializing', input))
  const containers = pod.spec.containers.map(c => containerStatus(c, unstarted, input))
  const late = specInits.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const ephemeral = ephemeralContainers(pod).map(c => withoutProbes(containerStatus(c, late, input)))

  const ended = old.phase === 'Failed' || old.phase === 'Succeeded' ? old.phase : undefined
  const phase = ended ?? (failure ? 'Failed' : podPhase(pod, { init, containers, terminal: input.terminal }))
  const { sandbox } = sandboxOf(records)
  const ip = pod.spec.hostNetwork ? (sandbox ? hostIP : '') : (sandbox?.ip ?? '')
  const podIP = ip || old.podIP
  const now = toTime(input.now)
  const { reason, message } = failure ?? old
  return {
    phase,
    ...(reason && { reason }),
    ...(message && { message }),
    conditions: podConditions({
      pod,
      phase,
      init,
      containers,
      sandboxReady: sandbox !== undefined && ip !== '',
      now,
      ...(input.resize && { resize: input.resize }),
      ...(failure?.disrupted && { disruption: failure.message }),
    }),
    ...(hostIP && { hostIP, hostIPs: [{ ip: hostIP }] }),
    ...(podIP && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: old.startTime ?? now,
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: containers,
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
    qosClass: old.qosClass ?? podQos(pod),
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
  }
}

/** The status of a pod that its node did not take (pkg/kubelet/kubelet.go, rejectPod). */
export function rejectedStatus(pod: Pod, { reason, message }: PodFailure): PodStatus {
  return {
    phase: 'Failed',
    reason,
    message: `Pod was rejected: ${message}`,
    qosClass: pod.status?.qosClass ?? podQos(pod),
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
  }
}

/** Nothing waits for an ephemeral container to be ready, so it never is. */
function withoutProbes({ started: _, ...status }: ContainerStatus): ContainerStatus {
  return { ...status, ready: false }
}
