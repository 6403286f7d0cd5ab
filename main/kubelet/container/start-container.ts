import type { Container, Pod } from '../../../shared/api/core.ts'
import { containerConfig } from './container-config.ts'
import { containerHash } from './container-hash.ts'
import { containerPath } from './container-path.ts'
import { previousStatus } from '../status/container-status.ts'
import { goDuration } from '../go-duration.ts'
import { killContainer } from './kill-container.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { ephemeralContainers, history, newest } from '../pod/pod-records.ts'
import { inspect, podFacts, podIP, publish } from '../pod/pod-state.ts'
import type { PodState } from '../pod/pod-state.ts'
import { granted } from '../resize/actuate.ts'
import type { Sandbox } from '../runtime.ts'
import { serviceEnvironment } from '../environment/service-environment.ts'
import { imageVolumes } from '../volumes/image-volumes.ts'
import { isUnavailable, retryPeriod, toWaiting, WaitingFault } from './waiting-fault.ts'

export interface StartOptions {
  pod: Pod
  sandbox: Sandbox
  volumes: Map<string, string>
  signal: AbortSignal
}

/** Dead attempts that are kept for their logs and their last state, beside the newest one. */
const deadKept = 1

/**
 * One container from its image to its postStart hook (kuberuntime_container.go, startContainer). Throws WaitingFault:
 * what the container's state is to show and when to try again.
 */
export async function startContainer(
  state: PodState,
  container: Container,
  options: StartOptions & { parts: KubeletParts },
): Promise<void> {
  const { pod, signal, parts } = options
  const event = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    parts.recorder.event(pod, type, reason, message, { fieldPath: containerPath(pod, container) })
  const failed = (e: unknown, reason: string, text?: string): unknown => {
    if (isUnavailable(e)) return e
    const fault = toWaiting(e, reason)
    event('Warning', 'Failed', `Error: ${text ?? fault.message}`)
    return fault
  }

  checkBackOff(state, container, options)
  const pull = { signal, onProgress: (line: string) => showProgress(state, container, { line, parts }) }
  const notPulled = (e: unknown) => {
    if (signal.aborted) throw e
    throw failed(e, 'ErrImagePull', toWaiting(e, 'ErrImagePull').reason)
  }
  const ofImages = await imageVolumes(pod, container, { ...parts, ...pull }).catch(notPulled)
  const wanted = { ...container, fieldPath: containerPath(pod, container) }
  const image = await parts.images.ensure(pod, wanted, pull).catch(notPulled)

  const attempt = await nextAttempt(state, container, options)
  const config = await containerConfig({
    ...parts,
    pod,
    container,
    attempt,
    image,
    facts: podFacts(state, parts),
    volumes: new Map([...options.volumes, ...ofImages]),
    recursiveReadOnly: parts.mountsRecursively(),
    services: serviceEnvironment(pod, parts.services()),
    nodeMemory: parts.allocatable().memory,
    ...processNamespace(state, container, options),
  }).catch((e: unknown) => {
    throw failed(e, 'CreateContainerConfigError')
  })

  signal.throwIfAborted()
  const id = await parts.runtime.createContainer(options.sandbox, config).catch((e: unknown) => {
    throw failed(e, 'CreateContainerError')
  })
  granted(state, container)
  event('Normal', 'Created', 'Container created')
  try {
    await parts.runtime.startContainer(id)
  } catch (e) {
    await inspect(state, id, parts)
    throw failed(e, 'RunContainerError')
  }
  event('Normal', 'Started', 'Container started')
  await inspect(state, id, parts)
  state.waiting.delete(container.name)
  await runPostStart(state, container, { ...options, id })
  await removeOld(state, container, parts)
}

/** Whose processes an ephemeral container is to see (kuberuntime_container.go, getTargetID). */
function processNamespace(state: PodState, { name }: Container, { pod, sandbox }: StartOptions) {
  if (pod.spec.shareProcessNamespace) return { processesOf: sandbox.id }
  const target = ephemeralContainers(pod).find(c => c.name === name)?.targetContainerName
  if (!target) return {}
  const record = newest(state.records, target)
  if (!record) {
    const message = `unable to find target container ${target}`
    throw new WaitingFault({ reason: 'CreateContainerConfigError', message, retryAfter: retryPeriod })
  }
  return { processesOf: record.id }
}

/** Holds back a container that ended a moment ago, longer each time (kuberuntime_manager.go, doBackOff). */
function checkBackOff(state: PodState, container: Container, { pod, parts }: StartOptions & { parts: KubeletParts }) {
  const exited = history(state.records, container.name).find(r => r.state === 'exited')
  if (!exited) return
  // Of the container as it is to run: a new image owes nothing for what the old one did.
  const key = `${pod.metadata.uid}_${container.name}_${containerHash(container)}`
  const since = exited.finishedAt || exited.createdAt
  const wait = parts.crashes.remaining(key, since)
  if (wait === 0) {
    parts.crashes.next(key, since)
    return
  }
  const name = `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})`
  parts.recorder.event(
    pod,
    'Warning',
    'BackOff',
    `Back-off restarting failed container ${container.name} in pod ${name}`,
    { fieldPath: containerPath(pod, container) },
  )
  const message = `back-off ${goDuration(parts.crashes.delay(key))} restarting failed container=${container.name} pod=${name}`
  throw new WaitingFault({ reason: 'CrashLoopBackOff', message, retryAfter: wait })
}

/** The restart count of the next attempt. One that was created and never started is replaced. */
async function nextAttempt(
  state: PodState,
  container: Container,
  { pod, parts }: StartOptions & { parts: KubeletParts },
): Promise<number> {
  const last = newest(state.records, container.name)
  if (last?.state === 'created') {
    await parts.runtime.removeContainer(last.id)
    state.records.containers = state.records.containers.filter(r => r.id !== last.id)
    return last.attempt
  }
  if (last) return last.attempt + 1
  const known = previousStatus(parts.statuses.latest(pod), container.name)
  if (!known) return 0
  // One that is told of as lost has been counted already.
  return known.containerID ? known.restartCount + 1 : known.restartCount
}

/** A pull shows where it is in the container's waiting message. */
function showProgress(state: PodState, { name }: Container, { line, parts }: { line: string; parts: KubeletParts }) {
  const { reason = 'ContainerCreating' } = state.waiting.get(name) ?? {}
  state.waiting.set(name, { reason, message: `Pulling image: ${line}` })
  publish(state, parts)
}

async function runPostStart(
  state: PodState,
  container: Container,
  { pod, signal, parts, id }: StartOptions & { parts: KubeletParts; id: string },
) {
  const hook = container.lifecycle?.postStart
  if (!hook) return
  try {
    await parts.handlers.hook(hook, { pod, container, containerId: id, ip: podIP(state, parts) }, signal)
  } catch (e) {
    if (signal.aborted) throw e
    parts.recorder.event(pod, 'Warning', 'FailedPostStartHook', 'PostStartHook failed', {
      fieldPath: containerPath(pod, container),
    })
    const record = state.records.containers.find(r => r.id === id)
    if (record)
      await killContainer(state, record, {
        parts,
        message: 'FailedPostStartHook',
        graceSeconds: pod.spec.terminationGracePeriodSeconds ?? 30,
      })
    const message = e instanceof Error ? e.message : String(e)
    throw new WaitingFault({ reason: 'PostStartHookError', message, retryAfter: retryPeriod })
  }
}

async function removeOld(state: PodState, { name }: Container, { runtime }: KubeletParts) {
  for (const { id } of history(state.records, name).slice(1 + deadKept)) {
    await runtime.removeContainer(id)
    state.records.containers = state.records.containers.filter(r => r.id !== id)
  }
}
