import type { Container, Pod } from '../../../shared/api/core.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { allContainers, newest } from '../pod-records.ts'
import type { PodState } from '../pod-state.ts'
import { containerResources } from '../resources.ts'
import { valueOf } from '../quantities.ts'
import { retryPeriod } from '../waiting-fault.ts'
import { asked, grantedBefore, sameAllocation, withAllocation, type Resources } from './allocation.ts'

/**
 * Decides whether the pod gets what its spec asks for now (pkg/kubelet/allocation, handlePodResourcesResize) and returns
 * the pod with what it is granted.
 */
export function allocate(state: PodState, pod: Pod, parts: KubeletParts): Pod {
  state.allocated ??= grantedBefore(pod)
  state.actuated ??= state.allocated
  const wanted = asked(pod)
  const { allocated, resize } = state
  if ([...wanted].every(([name, resources]) => sameAllocation(resources, allocated.get(name)))) {
    delete resize.pending
    return withAllocation(pod, allocated)
  }
  const refusal = parts.refusal(pod)
  if (refusal) {
    if (resize.pending !== refusal.message)
      tell(pod, parts, { type: 'Warning', reason: 'ResizeDeferred', what: 'Deferred', error: refusal.message })
    resize.pending = refusal.message
    return withAllocation(pod, allocated)
  }
  delete resize.pending
  resize.progress = {}
  state.allocated = wanted
  tell(pod, parts, { type: 'Normal', reason: 'ResizeStarted', what: 'started' })
  return pod
}

/** Whether a running container must be started anew to get what it is granted. */
export function needsRestart({ actuated }: PodState, container: Container): boolean {
  const [now, before] = [container.resources ?? {}, actuated?.get(container.name) ?? {}]
  return (container.resizePolicy ?? []).some(({ resourceName, restartPolicy }) => {
    const changed = (list: 'limits' | 'requests') =>
      !sameAllocation({ limits: pick(now[list], resourceName) }, { limits: pick(before[list], resourceName) })
    return restartPolicy === 'RestartContainer' && (changed('limits') || changed('requests'))
  })
}

const pick = (list: Resources['limits'], name: string) => (list?.[name] === undefined ? {} : { [name]: list[name] })

/** Gives running containers what the pod is granted. Returns the wait until another try, if one failed. */
export async function actuate(state: PodState, pod: Pod, parts: KubeletParts): Promise<number | undefined> {
  const stale = allContainers(pod).filter(c => !sameAllocation(c.resources, state.actuated?.get(c.name)))
  const errors: string[] = []
  for (const container of stale) {
    const record = newest(state.records, container.name)
    if (record?.state !== 'running') {
      // It gets it when it starts.
      granted(state, container)
      continue
    }
    if (needsRestart(state, container)) continue
    try {
      state.resize.progress ??= {}
      await refuseTooLittle(container, state, { id: record.id, parts })
      await parts.runtime.updateContainer(record.id, containerResources(pod, container, parts.allocatable().memory))
      granted(state, container)
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error))
    }
  }
  const { resize } = state
  if (!resize.progress) return undefined
  if (errors.length > 0) {
    const error = errors.join(', ')
    if (resize.progress.error !== error)
      tell(pod, parts, { type: 'Warning', reason: 'ResizeError', what: 'error', error })
    resize.progress = { error }
    return retryPeriod
  }
  const missing = stale.some(c => !sameAllocation(c.resources, state.actuated?.get(c.name)))
  if (missing) return undefined
  delete resize.progress
  tell(pod, parts, { type: 'Normal', reason: 'ResizeCompleted', what: 'completed' })
  return undefined
}

/** Notes that a container runs with the resources that are given. */
export function granted(state: PodState, { name, resources = {} }: Container): void {
  state.actuated = new Map([...(state.actuated ?? []), [name, resources]])
}

/** A limit below what is in use would have the container killed (kuberuntime_manager.go, validateMemoryResizeAction). */
async function refuseTooLittle(
  { name, resources }: Container,
  { actuated }: PodState,
  { id, parts }: { id: string; parts: KubeletParts },
) {
  const limit = valueOf(resources?.limits?.memory)
  const before = valueOf(actuated?.get(name)?.limits?.memory)
  if (limit === 0 || (before !== 0 && limit >= before)) return
  const used = (await parts.runtime.usage(id))?.memory.usageBytes
  if (used === undefined || used < limit) return
  throw new Error(`attempting to set container "${name}" memory limit (${limit}) below current usage (${used})`)
}

/** The events of pkg/kubelet/events/resize.go: what the spec asks for as JSON. */
function tell(
  pod: Pod,
  { recorder }: KubeletParts,
  { type, reason, what, error }: { type: 'Normal' | 'Warning'; reason: string; what: string; error?: string },
) {
  const list = (containers: readonly Container[]) => containers.map(({ name, resources = {} }) => ({ name, resources }))
  const { initContainers = [], containers } = pod.spec
  const summary = {
    ...(initContainers.length > 0 && { initContainers: list(initContainers) }),
    containers: list(containers),
    generation: pod.metadata.generation ?? 0,
    ...(error !== undefined && { error }),
  }
  recorder.event(pod, type, reason, `Pod resize ${what}: ${JSON.stringify(summary)}`)
}
