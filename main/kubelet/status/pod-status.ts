import type { ContainerStatus, Pod } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { containerStatus, ended } from './container-status.ts'
import type { ContainerStatusInput } from './container-status.ts'
import { podConditions } from './pod-conditions.ts'
import { podPhase } from './pod-phase.ts'
import type { PodFailure } from '../pod/pod-failure.ts'
import { allContainers, ephemeralContainers, isOver, isSidecar, newest, sandboxOf } from '../pod/pod-records.ts'
import { podQos } from '../resources/qos.ts'
import type { ResizeState } from '../resize/resize-state.ts'
import { mayRestartAll, restartsAll } from '../pod/restart-policy.ts'
import { isStatic } from '../static-pods/manifest.ts'

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
  /** What is told of the pod's resources as a whole. */
  whole?: Pick<PodStatus, 'resources' | 'allocatedResources'>
}

/** A pod's whole status as its records tell it (pkg/kubelet/kubelet_pods.go, generateAPIPodStatus). Pure. */
export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, records, hostIP, failure } = input
  const old = pod.status ?? {}
  const { sandbox } = sandboxOf(records)
  const all = allContainers(pod)
  const asked = all.some(c => {
    const record = newest(records, c.name)
    return record?.state === 'exited' && restartsAll(c, record.exitCode)
  })
  const restarting = asked || old.conditions?.some(c => c.type === 'AllContainersRestarting' && c.status === 'True')
  const told = containerStatuses(restarting ? { ...input, restartingAll: true } : input)

  // A pod is at its end only when nothing of it runs any more, sidecars included.
  const stopped = !records.containers.some(r => r.state === 'running')
  const over = input.terminal && stopped && !isStatic(pod)
  const { init, containers } = over ? withEnds(pod, told) : told
  const initialized = pod.spec.containers.some(c =>
    records.containers.some(r => r.name === c.name && r.sandboxId === sandbox?.id),
  )
  const reckoned = podPhase(pod, {
    init: told.init,
    containers: told.containers,
    initialized,
    terminal: input.terminal,
  })
  const phase = isOver(pod) ? (old.phase ?? '') : failure ? 'Failed' : over && !isEnd(reckoned) ? 'Failed' : reckoned
  const kept = isEnd(phase) && !isOver(pod) && !stopped

  const ip = pod.spec.hostNetwork ? (sandbox ? hostIP : '') : (sandbox?.ip ?? '')
  const podIP = ip || old.podIP
  const now = toTime(input.now)
  const { reason, message } = kept ? old : (failure ?? old)
  return {
    phase: kept ? (old.phase ?? 'Pending') : phase,
    ...(reason && { reason }),
    ...(message && { message }),
    conditions: podConditions({
      pod,
      phase,
      init,
      containers,
      sandboxReady: sandbox !== undefined && ip !== '',
      now,
      ...(mayRestartAll(pod) && { restartingAll: restarting === true && all.some(c => newest(records, c.name)) }),
      ...(input.resize && { resize: input.resize }),
      ...(failure?.disruption !== undefined && !kept && { disruption: failure.disruption }),
    }),
    ...(hostIP && { hostIP, hostIPs: [{ ip: hostIP }] }),
    ...(podIP && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: old.startTime ?? now,
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: containers,
    ...input.whole,
    ...(told.ephemeral.length > 0 && { ephemeralContainerStatuses: told.ephemeral }),
    qosClass: old.qosClass ?? podQos(pod),
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
  }
}

const isEnd = (phase: string) => phase === 'Succeeded' || phase === 'Failed'

interface ContainerStatuses {
  init: ContainerStatus[]
  containers: ContainerStatus[]
  ephemeral: ContainerStatus[]
}

function containerStatuses(input: PodStatusInput): ContainerStatuses {
  const { spec } = input.pod
  const waiting = (spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating'
  return {
    init: (spec.initContainers ?? []).map(c => containerStatus(c, waiting, input)),
    containers: spec.containers.map(c => containerStatus(c, waiting, input)),
    ephemeral: ephemeralContainers(input.pod).map(c => withoutProbes(containerStatus(c, waiting, input))),
  }
}

/**
 * Once a pod has come to its end each container that was ever begun with has ended; init containers that were never
 * reached go on waiting, and so do the ordinary ones behind them (status_manager.go, TerminatePod).
 */
function withEnds(
  { spec }: Pod,
  { init, containers }: ContainerStatuses,
): Pick<ContainerStatuses, 'init' | 'containers'> {
  const reached = init.findLastIndex(s => !s.state?.waiting || s.lastState?.terminated)
  const last = (spec.initContainers ?? []).at(-1)
  const lastDone = init.at(-1)
  const initialized =
    last === undefined ||
    containers.some(s => !s.state?.waiting || s.lastState?.terminated) ||
    (isSidecar(last) ? lastDone?.state?.terminated !== undefined : lastDone?.state?.terminated?.exitCode === 0)
  return {
    init: init.map((status, index) => (index <= Math.max(0, reached) ? ended(status) : status)),
    containers: initialized ? containers.map(ended) : containers,
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
