import { sleep } from '../../../shared/client/sleep.ts'
import { containerPath } from './container-path.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { allContainers } from '../pod/pod-records.ts'
import { inspect, podIP } from '../pod/pod-state.ts'
import type { Kill, PodState } from '../pod/pod-state.ts'
import type { ContainerRecord } from '../runtime.ts'

export interface KillOptions {
  parts: KubeletParts
  /** The text of the Killing event. */
  message: string
  /** What preStop hook and container have together. */
  graceSeconds: number
  /** Resolves when those have ended that go first; the hook does not wait for them, and nothing does beyond the grace period. */
  turn?: Promise<unknown>
}

/** A container gets this long even if its hook used the whole grace period (kuberuntime_manager.go). */
const minimumGrace = 2

/** Ends one container: preStop hook, SIGTERM, SIGKILL when the grace period is over (kuberuntime_container.go, killContainer). */
export async function killContainer(
  state: PodState,
  record: ContainerRecord,
  { parts, message, graceSeconds, turn }: KillOptions,
): Promise<void> {
  const { pod } = state
  const { clock, log, recorder, runtime } = parts
  let cut = new AbortController()
  let end = clock.now() + graceSeconds * 1000
  let stopping = false
  const stop = () => {
    stopping = true
    const left = Math.ceil((end - clock.now()) / 1000)
    return runtime.stopContainer(record.id, Math.max(left, minimumGrace))
  }
  /** A grace period that is made shorter begins the wait anew. */
  async function waitFor(others: Promise<unknown>) {
    const over = new AbortController()
    void others.then(() => over.abort())
    while (!over.signal.aborted && clock.now() < end && !parts.signal.aborted) {
      cut = new AbortController()
      await sleep(clock, end - clock.now(), AbortSignal.any([cut.signal, over.signal, parts.signal]))
    }
  }
  const kill: Kill = {
    shorten(seconds) {
      const sooner = clock.now() + seconds * 1000
      if (sooner >= end) return
      end = sooner
      cut.abort()
      // Beside the call that is under way: the engine kills when the first of them runs out.
      if (stopping) stop().catch((error: unknown) => log.error('Stopping a container failed', { id: record.id, error }))
    },
  }
  state.kills.set(record.id, kill)
  try {
    if (pod) recorder.event(pod, 'Normal', 'Killing', message, { fieldPath: containerPath(pod, record) })
    await runPreStop(state, record, { parts, graceSeconds, signal: cut.signal })
    if (turn) await waitFor(turn)
    parts.signal.throwIfAborted()
    await stop()
  } finally {
    state.kills.delete(record.id)
  }
  await inspect(state, record.id, parts)
}

async function runPreStop(
  state: PodState,
  record: ContainerRecord,
  { parts, graceSeconds, signal }: { parts: KubeletParts; graceSeconds: number; signal: AbortSignal },
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
  const cut = AbortSignal.any([end.signal, signal, parts.signal])
  await Promise.race([done, sleep(clock, graceSeconds * 1000, cut)]).finally(() => end.abort())
}
