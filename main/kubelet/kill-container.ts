import { sleep } from '../../shared/client/sleep.ts'
import { containerPath } from './container-path.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { allContainers } from './pod-records.ts'
import { inspect, podIP } from './pod-state.ts'
import type { PodState } from './pod-state.ts'
import type { ContainerRecord } from './runtime.ts'

export interface KillOptions {
  parts: KubeletParts
  /** The text of the Killing event. */
  message: string
  /** What preStop hook and container have together. */
  graceSeconds: number
}

/** A container gets this long even if its hook used the whole grace period (kuberuntime_manager.go). */
const minimumGrace = 2

/** Ends one container: preStop hook, SIGTERM, SIGKILL when the grace period is over (kuberuntime_container.go, killContainer). */
export async function killContainer(
  state: PodState,
  record: ContainerRecord,
  { parts, message, graceSeconds }: KillOptions,
): Promise<void> {
  const { pod } = state
  const { clock, recorder, runtime } = parts
  const started = clock.now()
  if (pod) recorder.event(pod, 'Normal', 'Killing', message, { fieldPath: containerPath(pod, record) })
  await runPreStop(state, record, { parts, graceSeconds })
  parts.signal.throwIfAborted()
  const granted = state.hurry.signal.aborted ? (state.pod?.metadata.deletionGracePeriodSeconds ?? 1) : graceSeconds
  const left = Math.ceil(granted - (clock.now() - started) / 1000)
  await runtime.stopContainer(record.id, Math.max(left, Math.min(minimumGrace, Math.max(granted, 1))))
  await inspect(state, record.id, parts)
}

async function runPreStop(
  state: PodState,
  record: ContainerRecord,
  { parts, graceSeconds }: { parts: KubeletParts; graceSeconds: number },
) {
  const { pod } = state
  if (!pod || graceSeconds <= 0) return
  const container = allContainers(pod).find(c => c.name === record.name)
  const hook = container?.lifecycle?.preStop
  if (!container || !hook) return
  const { clock, handlers, recorder } = parts
  const end = new AbortController()
  const target = { pod, container, containerId: record.id, ip: podIP(state, parts) }
  const failed = () =>
    recorder.event(pod, 'Warning', 'FailedPreStopHook', 'PreStopHook failed', {
      fieldPath: containerPath(pod, container),
    })
  // Whatever the hook does with its signal, the container is stopped when the grace period is over.
  const done = handlers.hook(hook, target, end.signal).then(() => undefined, failed)
  const cut = AbortSignal.any([end.signal, state.hurry.signal, parts.signal])
  await Promise.race([done, sleep(clock, graceSeconds * 1000, cut)]).finally(() => end.abort())
}
