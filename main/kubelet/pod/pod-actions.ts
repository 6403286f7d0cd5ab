import type { Container, Pod } from '../../../shared/api/core.ts'
import { containerHash } from '../container/container-hash.ts'
import { previousStatus } from '../status/container-status.ts'
import { ephemeralContainers, history, isSidecar, newest, sandboxOf } from './pod-records.ts'
import type { PodRecords } from './pod-records.ts'
import { restartsAll, runsAgain, survivesKill } from './restart-policy.ts'
import type { ContainerRecord } from '../runtime.ts'

/** What probes and hooks know of a running container, by container id. */
export interface ContainerHealth {
  /** Its startup probe passed, or it has none. */
  started: boolean
  failed?: 'liveness' | 'startup'
}

interface KillAction {
  record: ContainerRecord
  /** The text of the Killing event. */
  message: string
}

/** The difference between what a pod should be and what the runtime has; empty when there is nothing to do. */
export interface PodActions {
  /** Kill what runs and, with `sandboxAttempt`, start over in a new sandbox; without it the pod is finished. */
  killPod: boolean
  sandboxAttempt?: number
  kill: KillAction[]
  start: Container[]
  /** Kill what runs of these and remove all, in this order, so that the whole pod begins anew in its sandbox. */
  reset?: ContainerRecord[]
}

interface Input {
  pod: Pod
  records: PodRecords
  health: (containerId: string) => ContainerHealth
  /** Its resources were changed, and it wants to be restarted with the new ones. */
  needsRestart?: (container: Container) => boolean
}

/**
 * The level-based heart of the kubelet (kuberuntime_manager.go, computePodActions): pure, so that every rule is a row
 * of a table. A new sandbox, or one init container at a time, comes first; then all ordinary containers at once.
 */
export function computePodActions(input: Input): PodActions {
  const { pod, records } = input
  const nothing: PodActions = { killPod: false, kill: [], start: [] }
  const reset = toReset(input)
  if (reset.length > 0) return { ...nothing, reset }
  const { sandbox, nextAttempt } = sandboxOf(records)
  if (!sandbox) {
    const fresh = nextAttempt === 0
    const succeeded = (r?: ContainerRecord) => r?.state === 'exited' && r.exitCode === 0
    const restarts = pod.spec.containers.some(
      c => (c.restartPolicy ?? pod.spec.restartPolicy) !== 'OnFailure' || !succeeded(newest(records, c.name)),
    )
    const given = pod.spec.restartPolicy === 'Never' && !fresh && records.containers.length > 0
    return given || !restarts
      ? { ...nothing, killPod: true }
      : { ...nothing, killPod: !fresh, sandboxAttempt: nextAttempt }
  }

  // They may help to find out why initialization does not end, and are never restarted.
  const ephemeral = ephemeralContainers(pod).filter(
    ({ name }) => !newest(records, name) && !previousStatus(pod, name)?.containerID,
  )
  const init = initActions(input, sandbox.id)
  if (init.actions.killPod) return { ...nothing, ...init.actions }
  if (!init.done) return { ...nothing, ...init.actions, start: [...ephemeral, ...init.actions.start] }

  const kill = [...init.actions.kill]
  const start = [...ephemeral, ...init.actions.start]
  let kept = 0
  let starting = 0
  for (const container of pod.spec.containers) {
    const record = newest(records, container.name)
    if (record?.state !== 'running') {
      if (record?.state === 'exited' && !runsAgain(container, pod, record.exitCode)) continue
      starting++
      start.push(container)
      continue
    }
    const reason = outside(record, sandbox.id) ?? unfit(container, record, input)
    if (!reason) {
      kept++
      continue
    }
    const restart = reason.definition || survivesKill(container, pod)
    kill.push({ record, message: `Container ${container.name} ${reason.text}${restart ? reason.after : ''}` })
    if (!restart) continue
    starting++
    start.push(container)
  }
  if (kept + starting === 0 && kill.length === init.actions.kill.length) return { ...nothing, killPod: true }
  return { killPod: false, kill, start }
}

/**
 * What goes when a container has asked for all to run again: those that asked come last, so that a kubelet that is
 * stopped in between goes on with it (kuberuntime_manager.go, getContainersToReset).
 */
function toReset({ pod, records }: Input): ContainerRecord[] {
  const asks = (c: Container, r: ContainerRecord | undefined) => r?.state === 'exited' && restartsAll(c, r.exitCode)
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
  if (!containers.some(c => asks(c, newest(records, c.name)))) return []
  const found = containers.flatMap(c => history(records, c.name).map(record => ({ record, last: asks(c, record) })))
  return [...found.filter(f => !f.last), ...found.filter(f => f.last)].map(f => f.record)
}

const willRestart = ', will be restarted'

/** Where the sandbox of a running container has gone, or the engine started it late, it has the network of no pod. */
function outside({ sandboxId }: ContainerRecord, current: string) {
  if (sandboxId === current) return undefined
  return { definition: false, text: 'is outside of the sandbox of its pod', after: willRestart }
}

/** Why a running container can't stay, in the words of the Killing event. */
function unfit(container: Container, record: ContainerRecord, { health, needsRestart }: Input) {
  if (record.hash !== containerHash(container))
    return { definition: true, text: 'definition changed', after: willRestart }
  if (needsRestart?.(container)) return { definition: true, text: 'resize requires restart', after: '' }
  const { failed } = health(record.id)
  return failed && { definition: false, text: `failed ${failed} probe`, after: willRestart }
}

/**
 * Init containers in order, sidecars among them (computeInitContainerActions). Once an ordinary container has run in
 * this sandbox they count as done, and only sidecars are kept alive.
 */
function initActions(
  input: Input,
  sandboxId: string,
): { done: boolean; actions: Pick<PodActions, 'killPod' | 'kill' | 'start'> } {
  const { pod, records, health } = input
  const inSandbox = (name: string) => records.containers.filter(r => r.sandboxId === sandboxId && r.name === name)
  const here = (c: Container) => newest({ sandboxes: [], containers: inSandbox(c.name) }, c.name)
  const inits = pod.spec.initContainers ?? []
  const podRan = pod.spec.containers.some(c => here(c))
  // Records of early init containers may have been removed by hand: a later one that ran tells that they are done.
  const last = inits.findLastIndex(c => !isSidecar(c) && here(c))
  const actions = { killPod: false, kill: [] as KillAction[], start: [] as Container[] }
  for (const [index, container] of inits.entries()) {
    const record = here(container)
    for (const each of history(records, container.name)) {
      const reason = each.state === 'running' ? outside(each, sandboxId) : undefined
      if (reason) actions.kill.push({ record: each, message: `Init container ${container.name} ${reason.text}` })
    }
    if (!isSidecar(container)) {
      if (podRan || index < last || (record?.state === 'exited' && record.exitCode === 0)) continue
      if (record?.state === 'exited' && !runsAgain(container, pod, record.exitCode))
        return { done: false, actions: { ...actions, killPod: true } }
      if (record?.state !== 'running') actions.start.push(container)
      return { done: false, actions }
    }
    if (record?.state !== 'running') {
      actions.start.push(container)
      if (podRan || index < last) continue
      return { done: false, actions }
    }
    const reason = unfit(container, record, input)
    if (reason) {
      actions.kill.push({ record, message: `Init container ${container.name} ${reason.text}` })
      actions.start.push(container)
      if (!podRan && index >= last) return { done: false, actions }
    } else if (!podRan && index >= last && !health(record.id).started) return { done: false, actions }
  }
  return { done: true, actions }
}
