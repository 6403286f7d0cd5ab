import type { Container, Pod } from '../../../shared/api/core.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { allContainers, newest, sandboxOf } from '../pod/pod-records.ts'
import type { PodState } from '../pod/pod-state.ts'
import { valueOf } from '../resources/quantities.ts'
import { containerResources, effectiveLimits, groupResources } from '../resources/resources.ts'
import type { PodResources } from '../runtime.ts'
import { retryPeriod } from '../container/waiting-fault.ts'
import { sameAmounts, withAllocation, type Resources } from './allocation.ts'
import { tell } from './tell.ts'

/** A running container whose resources are not what it is granted. */
interface Change {
  container: Container
  /** The record's id. */
  id: string
  now: Resources
  before: Resources
}

/** What a container runs with: where it has no limits, those of its pod count (kuberuntime_manager.go, containerResourcesFromRequirements). */
const effective = (pod: Pod, container: Container): Resources => ({
  ...container.resources,
  limits: { ...container.resources?.limits, ...effectiveLimits(pod, container) },
})

const actuatedOf = (state: PodState, pod: Pod) => withAllocation(pod, state.actuated)

/** Whether a running container must be started anew to get what it is granted. */
export function needsRestart(state: PodState, pod: Pod, container: Container): boolean {
  const before = actuatedOf(state, pod)
  const old = allContainers(before).find(c => c.name === container.name)
  const [now, was] = [effective(pod, container), old ? effective(before, old) : {}]
  return (container.resizePolicy ?? []).some(({ resourceName, restartPolicy }) => {
    const changed = (list: 'limits' | 'requests') =>
      !sameAmounts({ limits: pick(now[list], resourceName) }, { limits: pick(was[list], resourceName) })
    return restartPolicy === 'RestartContainer' && (changed('limits') || changed('requests'))
  })
}

const pick = (list: Resources['limits'], name: string) => (list?.[name] === undefined ? {} : { [name]: list[name] })

/**
 * Gives running containers, and all of a pod together, what the pod is granted (doPodResizeAction). Returns the wait until
 * another try, if one failed.
 */
export async function actuate(state: PodState, pod: Pod, parts: KubeletParts): Promise<number | undefined> {
  const before = actuatedOf(state, pod)
  if (before === pod && !state.resize.progress) return undefined
  const { running, restarting } = changesOf(state, pod, before)
  try {
    if (before !== pod) {
      state.resize.progress ??= {}
      await refuseTooLittle(state, pod, { before, changes: running, parts })
      await apply(state, pod, { before, changes: running, parts })
    }
  } catch (e) {
    const error = e instanceof Error ? e.message : String(e)
    if (state.resize.progress?.error !== error)
      tell(pod, parts, { type: 'Warning', reason: 'ResizeError', what: 'error', error })
    state.resize.progress = { error }
    return retryPeriod
  }
  if (restarting) return undefined
  delete state.resize.progress
  tell(pod, parts, { type: 'Normal', reason: 'ResizeCompleted', what: 'completed' })
  return undefined
}

/** Those that do not run get theirs when they start. */
function changesOf(state: PodState, pod: Pod, before: Pod) {
  const running: Change[] = []
  let restarting = false
  for (const container of allContainers(pod)) {
    const old = allContainers(before).find(c => c.name === container.name)
    const [now, was] = [effective(pod, container), old ? effective(before, old) : {}]
    const record = newest(state.records, container.name)
    if (record?.state !== 'running') granted(state, container)
    else if (sameAmounts(now, was)) granted(state, container)
    else if (needsRestart(state, pod, container)) restarting = true
    else running.push({ container, id: record.id, now, before: was })
  }
  return { running, restarting }
}

/** What grows grows from the whole to its parts, what shrinks from the parts to the whole: the kernel grants no part more than the whole has. */
async function apply(
  state: PodState,
  pod: Pod,
  { before, changes, parts }: { before: Pod; changes: Change[]; parts: KubeletParts },
) {
  const { runtime } = parts
  const { sandbox } = sandboxOf(state.records)
  const [now, was] = [groupOf(pod, parts), groupOf(before, parts)]
  if (sandbox && now) await runtime.updateSandbox(sandbox.id, largest(now, was ?? now))
  const shrinksFirst = [...changes].sort(
    (a, b) => memoryOf(a.now) - memoryOf(a.before) - (memoryOf(b.now) - memoryOf(b.before)),
  )
  for (const { container, id } of shrinksFirst) {
    await runtime.updateContainer(id, containerResources(pod, container, parts.allocatable().memory))
    granted(state, container)
  }
  if (sandbox && now) await runtime.updateSandbox(sandbox.id, now)
  grantedWhole(state, pod)
}

const memoryOf = ({ limits }: Resources) => valueOf(limits?.['memory'])

const groupOf = (pod: Pod, { settings }: KubeletParts) => groupResources(pod, settings.configuration.podPidsLimit)

/** 0 is no limit. */
const larger = (a: number, b: number) => (a === 0 || b === 0 ? 0 : Math.max(a, b))
const largest = (a: PodResources, b: PodResources): PodResources => ({
  ...a,
  cpuShares: Math.max(a.cpuShares, b.cpuShares),
  cpuQuota: larger(a.cpuQuota, b.cpuQuota),
  memoryLimit: larger(a.memoryLimit, b.memoryLimit),
})

/** Notes that a container runs with the resources that are given. */
export function granted(state: PodState, { name, resources = {} }: Container): void {
  const { containers } = state.actuated ?? { containers: [] }
  state.actuated = { ...state.actuated, containers: new Map([...containers, [name, resources]]) }
}

/** Notes that the containers of a pod have together what the pod as a whole is granted. */
export function grantedWhole(state: PodState, { spec: { resources } }: Pod): void {
  state.actuated = { containers: state.actuated?.containers ?? new Map(), ...(resources && { pod: resources }) }
}

/** A limit below what is in use would have containers killed (validateMemoryResizeAction). */
async function refuseTooLittle(
  state: PodState,
  pod: Pod,
  { before, changes, parts }: { before: Pod; changes: Change[]; parts: KubeletParts },
) {
  const shrinks = (now: number, was: number) => now !== 0 && (was === 0 || now < was)
  const faults: string[] = []
  const usage = async (id: string) => (await parts.runtime.usage(id))?.memory.usageBytes ?? 0
  const [now = 0, was = 0] = [pod, before].map(each => groupOf(each, parts)?.memoryLimit)
  if (shrinks(now, was)) {
    const running = state.records.containers.filter(r => r.state === 'running')
    const used = (await Promise.all(running.map(r => usage(r.id)))).reduce((sum, bytes) => sum + bytes, 0)
    if (used >= now) faults.push(`attempting to set pod memory limit (${now}) below current usage (${used})`)
  }
  for (const { container, id, now: wanted, before: old } of changes) {
    const limit = memoryOf(wanted)
    if (!shrinks(limit, memoryOf(old))) continue
    const used = await usage(id)
    if (used >= limit)
      faults.push(
        `attempting to set container "${container.name}" memory limit (${limit}) below current usage (${used})`,
      )
  }
  if (faults.length > 0)
    throw new Error(`cannot decrease memory limits: ${faults.length > 1 ? `[${faults.join(', ')}]` : faults.join('')}`)
}
