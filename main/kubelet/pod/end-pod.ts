import { pods } from '../../../shared/api/core.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { isConflict, isNotFound } from '../../../shared/machinery/status.ts'
import { killContainer } from '../container/kill-container.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { isSidecar } from './pod-records.ts'
import { publish, updateProbes } from './pod-state.ts'
import type { PodState } from './pod-state.ts'
import type { ContainerRecord } from '../runtime.ts'

interface EndOptions {
  parts: KubeletParts
  graceSeconds: number
}

/** How long the containers of a pod have to end: deletion's own grace period, else the pod's, else what labels tell. */
function gracePeriod({ pod, gone, records, failure }: PodState): number {
  const labelled = records.containers[0]?.terminationGracePeriodSeconds
  const own =
    failure?.graceSeconds ??
    pod?.metadata.deletionGracePeriodSeconds ??
    pod?.spec.terminationGracePeriodSeconds ??
    labelled ??
    30
  // A pod that was removed by force has no time left; whoever asked for that takes the loss.
  return gone && pod ? 1 : Math.max(1, own)
}

/**
 * Ends all running containers. The hooks of all run at once; then sidecars wait until the ordinary containers have ended,
 * and the sidecars that were started after them (kuberuntime_termination_order.go).
 */
export async function endContainers(state: PodState, { parts, graceSeconds }: EndOptions): Promise<void> {
  const sidecars = (state.pod?.spec.initContainers ?? []).filter(isSidecar).map(c => c.name)
  const running = state.records.containers.filter(r => r.state === 'running')
  const end = (record: ContainerRecord, turn?: Promise<unknown>) =>
    killContainer(state, record, {
      parts,
      message: `Stopping container ${record.name}`,
      graceSeconds,
      ...(turn && { turn }),
    })
  const kills = running.filter(r => !sidecars.includes(r.name)).map(r => end(r))
  for (const name of sidecars.toReversed()) {
    const earlier = Promise.allSettled(kills)
    kills.push(...running.filter(r => r.name === name).map(r => end(r, earlier)))
  }
  await Promise.all(kills)
}

/** Lets the kills that are under way take no longer than the grace period that the pod has now. */
export function shortenKills(state: PodState): void {
  for (const kill of state.kills.values()) kill.shorten(gracePeriod(state))
}

/** Takes a pod off the network and stops its sandboxes; they stay, without addresses. */
export async function stopSandboxes(state: PodState, { network, runtime }: KubeletParts): Promise<void> {
  for (const sandbox of state.records.sandboxes) {
    // One that died has lost its address, and the network still knows it.
    if (sandbox.ip !== '' || sandbox.id === state.connected) await network.tearDown(sandbox)
    await runtime.stopSandbox(sandbox.id)
  }
  state.records.sandboxes = state.records.sandboxes.map(s => ({ ...s, state: 'notready' as const, ip: '' }))
}

/**
 * What a pod leaves when it has come to its end: nothing runs, no volume is mounted, the containers stay for their logs
 * (pkg/kubelet/kubelet.go, SyncTerminatingPod and SyncTerminatedPod).
 */
export async function endPod(state: PodState, parts: KubeletParts): Promise<void> {
  parts.prober.ending(state.identity.uid)
  publish(state, parts)
  await endContainers(state, { parts, graceSeconds: gracePeriod(state) })
  updateProbes(state, parts)
  await stopSandboxes(state, parts)
  await parts.volumes.remove(state.identity.uid)
  state.terminal = true
  state.waiting.clear()
  state.cleaned = true
  publish(state, parts)
}

/** Keeps what the containers said last, removes them and, where the API server still has it, the pod: grace 0 and only this very uid. */
export async function removePod(state: PodState, pod: Pod | undefined, parts: KubeletParts): Promise<void> {
  const { keptLogs } = parts
  if (keptLogs) await Promise.all(state.records.containers.map(keptLogs.keep))
  for (const { id } of state.records.sandboxes) await parts.runtime.removeSandbox(id)
  const removed = new Set(state.records.sandboxes.map(s => s.id))
  for (const { id, sandboxId } of state.records.containers)
    if (!removed.has(sandboxId)) await parts.runtime.removeContainer(id)
  state.records = { sandboxes: [], containers: [] }
  if (!pod) return
  const { namespace = '', name, uid } = pod.metadata
  await parts.statuses.flush(uid)
  try {
    await parts.client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } })
  } catch (e) {
    if (!isNotFound(e) && !isConflict(e)) throw e
  }
}
