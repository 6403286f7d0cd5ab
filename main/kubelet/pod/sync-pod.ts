import type { Container, Pod } from '../../../shared/api/core.ts'
import { hostPorts } from '../admission/host-ports.ts'
import { podDns } from '../container/dns.ts'
import { endContainers, stopSandboxes } from './end-pod.ts'
import { killContainer } from '../container/kill-container.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { computePodActions } from './pod-actions.ts'
import type { PodActions } from './pod-actions.ts'
import { sandboxOf } from './pod-records.ts'
import { podFacts, publish, updateProbes } from './pod-state.ts'
import type { PodState } from './pod-state.ts'
import { actuate, grantedWhole, needsRestart } from '../resize/actuate.ts'
import type { ContainerRecord, Sandbox } from '../runtime.ts'
import { runtimeHandlerOf } from './runtime-handler.ts'
import { sandboxConfig } from './sandbox-config.ts'
import { startContainer } from '../container/start-container.ts'
import { MountFaults } from '../volumes/volume-source.ts'
import { isUnavailable, retryPeriod, toWaiting } from '../container/waiting-fault.ts'

/** The shortest and longest wait after a volume could not be set up (pkg/util/goroutinemap/exponentialbackoff). */
const firstMountRetry = 500
const lastMountRetry = 122_000

/**
 * One step from what the runtime has towards what the pod says (pkg/kubelet/kubelet.go SyncPod). Returns in how many ms
 * time alone makes another step necessary, if so. A step that changed the sandbox or an init container is followed by another.
 */
export async function syncPod(
  state: PodState,
  pod: Pod,
  parts: KubeletParts,
  signal: AbortSignal,
): Promise<number | undefined> {
  const actions = act(state, pod, parts)
  if (actions.reset) {
    await reset(state, actions.reset, parts)
    return 0
  }
  if (actions.killPod && actions.sandboxAttempt === undefined) {
    state.terminal = true
    return 0
  }
  const mounted = await mountVolumes(state, pod, parts)
  if (typeof mounted === 'number') return mounted
  const renewIn = mounted.refreshAt === undefined ? undefined : Math.max(0, mounted.refreshAt - parts.clock.now())

  if (actions.sandboxAttempt !== undefined) {
    const failed = await renewSandbox(state, pod, { parts, attempt: actions.sandboxAttempt })
    if (failed !== undefined) return failed
    return 0
  }
  const { sandbox } = sandboxOf(state.records)
  if (!sandbox) return 0
  await connect(state, sandbox, parts)
  await kill(state, pod, actions, parts)
  const options = { pod, sandbox, volumes: mounted.paths, signal, parts }
  const retries = await start(state, actions.start, options)
  await removeReplaced(state, parts)
  const resized = await actuate(state, pod, parts)
  return earliest(renewIn, resized, ...retries)
}

/** What to do now, by the latest records and probe results. */
function act(state: PodState, pod: Pod, parts: KubeletParts): PodActions {
  updateProbes(state, parts)
  return computePodActions({
    pod,
    records: state.records,
    health: id => parts.prober.health(id),
    needsRestart: container => needsRestart(state, pod, container),
  })
}

const earliest = (...waits: (number | undefined)[]) => {
  const given = waits.filter(w => w !== undefined)
  return given.length > 0 ? Math.min(...given) : undefined
}

/** The mounted volumes, or the wait until the next try. One that only can't be refreshed holds nothing back. */
async function mountVolumes(state: PodState, pod: Pod, parts: KubeletParts) {
  const failed = (texts: readonly string[]) => {
    for (const text of texts) parts.recorder.event(pod, 'Warning', 'FailedMount', text)
    return Math.min(firstMountRetry * 2 ** state.mountFailures++, lastMountRetry)
  }
  try {
    const mounted = await parts.volumes.mount(pod, { ...parts, facts: podFacts(state, parts) })
    if (mounted.stale.length > 0) {
      const again = parts.clock.now() + failed(mounted.stale)
      return { ...mounted, refreshAt: Math.min(again, mounted.refreshAt ?? again) }
    }
    state.mountFailures = 0
    return mounted
  } catch (e) {
    return failed(e instanceof MountFaults ? e.texts : [e instanceof Error ? e.message : String(e)])
  }
}

/** Tells the network of a sandbox, once in the life of this kubelet; one on the host's network is none of its business. */
async function connect(state: PodState, sandbox: Sandbox, { network }: KubeletParts) {
  if (state.pod?.spec.hostNetwork || sandbox.ip === '' || state.connected === sandbox.id) return
  await network.setUp(sandbox, state.pod ? hostPorts(state.pod) : [])
  state.connected = sandbox.id
}

/** A new sandbox in place of what was; undefined when it is there, else the wait until the next try. */
async function renewSandbox(state: PodState, pod: Pod, { parts, attempt }: { parts: KubeletParts; attempt: number }) {
  const held = state.sandboxNotBefore - parts.clock.now()
  if (held > 0) return held
  if (attempt > 0) {
    parts.recorder.event(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    await endContainers(state, { parts, graceSeconds: pod.spec.terminationGracePeriodSeconds ?? 30 })
    await stopSandboxes(state, parts)
  }
  let sandbox: Sandbox | undefined
  try {
    for (const message of podDns(pod, parts.settings).omissions)
      parts.recorder.event(pod, 'Warning', 'DNSConfigForming', message)
    const { clusterDomain, configuration } = parts.settings
    const { podPidsLimit } = configuration
    const runtimeHandler = await runtimeHandlerOf(pod, parts.read)
    const config = sandboxConfig(pod, { attempt, clusterDomain, podPidsLimit, runtimeHandler })
    sandbox = await parts.runtime.runSandbox(config)
    grantedWhole(state, pod)
    await connect(state, sandbox, parts)
  } catch (e) {
    if (isUnavailable(e)) throw e
    parts.recorder.event(
      pod,
      'Warning',
      'FailedCreatePodSandBox',
      `Failed to create pod sandbox: ${e instanceof Error ? e.message : String(e)}`,
    )
    // One that started but got no network is of no use: the next try begins afresh.
    if (sandbox) {
      await parts.network.tearDown(sandbox)
      await parts.runtime.removeSandbox(sandbox.id)
    }
    state.sandboxNotBefore = parts.clock.now() + retryPeriod
    return retryPeriod
  }
  state.records.sandboxes = [...state.records.sandboxes, sandbox]
  await removeReplaced(state, parts)
  publish(state, parts)
  return undefined
}

/** Sandboxes that a newer one replaced stay while containers of theirs are kept for their logs (kuberuntime_gc.go, evictSandboxes). */
async function removeReplaced({ records }: PodState, { runtime }: KubeletParts) {
  const { sandbox: latest } = sandboxOf(records)
  const empty = records.sandboxes.filter(({ id }) => !records.containers.some(r => r.sandboxId === id))
  for (const { id } of latest ? empty : []) {
    if (id === latest?.id) continue
    await runtime.removeSandbox(id)
    records.sandboxes = records.sandboxes.filter(s => s.id !== id)
  }
}

async function kill(state: PodState, pod: Pod, { kill: kills }: PodActions, parts: KubeletParts) {
  for (const { record, message } of kills) {
    const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(c => c.name === record.name)
    const { failed } = parts.prober.health(record.id)
    const probe =
      failed === 'liveness' ? container?.livenessProbe : failed === 'startup' ? container?.startupProbe : undefined
    const graceSeconds = probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
    await killContainer(state, record, { parts, message, graceSeconds })
  }
}

/**
 * Removes all containers, so that the pod begins anew in its sandbox (KEP-5532). What was known of them must be written
 * down before and after: afterwards nothing but the status tells of them.
 */
async function reset(state: PodState, records: ContainerRecord[], parts: KubeletParts) {
  const { uid } = state.identity
  await parts.statuses.flush(uid)
  for (const record of records) {
    if (record.state === 'running') await killContainer(state, record, { parts, message: 'killing', graceSeconds: 0 })
    await parts.runtime.removeContainer(record.id)
    state.records.containers = state.records.containers.filter(r => r.id !== record.id)
  }
  state.waiting.clear()
  publish(state, parts)
  await parts.statuses.flush(uid)
}

/** Starts what is to be started, in order; one that can't holds none of the others back. Returns the waits of those that could not. */
async function start(
  state: PodState,
  containers: Container[],
  options: Parameters<typeof startContainer>[2],
): Promise<number[]> {
  const { parts } = options
  const cut = () => options.signal.aborted
  const retries: number[] = []
  for (const container of containers) {
    if (cut()) return []
    try {
      await startContainer(state, container, options)
    } catch (e) {
      if (cut()) return []
      if (isUnavailable(e)) throw e
      const fault = toWaiting(e, 'CreateContainerError')
      state.waiting.set(container.name, { reason: fault.reason, message: fault.message })
      retries.push(fault.retryAfter)
    }
    updateProbes(state, parts)
    publish(state, parts)
  }
  return retries
}
