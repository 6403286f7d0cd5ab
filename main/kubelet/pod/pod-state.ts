import type { Container, Pod } from '../../../shared/api/core.ts'
import type { WaitingReason } from '../status/container-status.ts'
import type { PodFacts } from '../environment/field-ref.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { allContainers, sandboxOf } from './pod-records.ts'
import type { PodRecords } from './pod-records.ts'
import type { PodFailure } from './pod-failure.ts'
import { podStatus, rejectedStatus } from '../status/pod-status.ts'
import { withAllocation, type Allocation } from '../resize/allocation.ts'
import { wholeStatus } from '../resize/whole-status.ts'
import type { ResizeState } from '../resize/resize-state.ts'
import type { ContainerEvent, PodIdentity } from '../runtime.ts'

/** A kill that is under way. */
export interface Kill {
  /** Lets it take no longer than this from now on: the hook is cut short, a container that is stopping gets the new time. */
  shorten(graceSeconds: number): void
}

/**
 * What a worker knows of its pod. Everything but the waiting reasons is read again from the API server and the runtime
 * after a restart; those come back with the next try.
 */
export interface PodState {
  identity: PodIdentity
  /** As last seen; undefined for leftovers of a pod that this kubelet never saw. */
  pod?: Pod
  /** The API server has it no more. */
  gone: boolean
  records: PodRecords
  /** Containers (or a sandbox) of which an event told since they were last looked at. */
  stale: Set<string>
  /** Events may have been missed: ask for all records. */
  relist: boolean
  waiting: Map<string, WaitingReason>
  failure?: PodFailure
  /** The resources that the pod is granted, and those that its containers run with. */
  allocated?: Allocation
  actuated?: Allocation
  resize: ResizeState
  /** The sandbox that the network was told of. */
  connected?: string
  /** Nothing will be started any more. */
  terminal: boolean
  /** Sandbox and volumes of a terminal pod are cleaned up. */
  cleaned: boolean
  /** Of containers, by id. */
  kills: Map<string, Kill>
  /** Failed tries to mount in a row. */
  mountFailures: number
  /** No new sandbox before this instant (ms): the events of one that was thrown away would bring on the next at once. */
  sandboxNotBefore: number
}

/** `relist`: whether the runtime may already have something of the pod. */
export function newPodState(identity: PodIdentity, relist: boolean): PodState {
  return {
    identity,
    gone: false,
    records: { sandboxes: [], containers: [] },
    stale: new Set(),
    relist,
    waiting: new Map(),
    terminal: false,
    cleaned: false,
    resize: {},
    kills: new Map(),
    mountFailures: 0,
    sandboxNotBefore: 0,
  }
}

/** The pod's IP, '' while it has none; a pod on the host's network has the node's. */
export function podIP({ pod, records }: PodState, parts: KubeletParts): string {
  return pod?.spec.hostNetwork ? parts.hostIP() : (sandboxOf(records).sandbox?.ip ?? '')
}

export function podFacts(state: PodState, parts: KubeletParts): PodFacts {
  const { quantities } = parts.allocatable()
  return { ip: podIP(state, parts), hostIP: parts.hostIP(), nodeName: parts.nodeName, allocatable: quantities }
}

/** Hands the pod's status, as it is now, to the writer. */
export function publish(state: PodState, parts: KubeletParts): void {
  if (!state.pod || state.gone) return
  const pod = parts.statuses.latest(state.pod)
  if (state.failure?.rejected) {
    parts.statuses.set(pod, rejectedStatus(pod, state.failure))
    return
  }
  const status = podStatus({
    pod,
    records: state.records,
    waiting: state.waiting,
    started: id => parts.prober.health(id).started,
    ready: id => parts.prober.ready(id),
    hostIP: parts.hostIP(),
    now: parts.clock.now(),
    terminal: state.terminal,
    recursiveReadOnly: parts.mountsRecursively(),
    resources: name => ({
      allocated: state.allocated?.containers.get(name),
      actuated: state.actuated?.containers.get(name),
    }),
    ...(state.allocated && {
      whole: wholeStatus(withAllocation(pod, state.allocated), withAllocation(pod, state.actuated)),
    }),
    ...(!state.terminal && { resize: state.resize }),
    ...(state.failure && { failure: state.failure }),
  })
  parts.statuses.set(pod, status)
}

/** Brings the records up to date: all of them when events may have been missed, else those that events told of. */
export async function refresh(state: PodState, parts: KubeletParts): Promise<void> {
  if (state.relist) {
    state.relist = false
    state.stale.clear()
    try {
      state.records = await parts.relist.pod(state.identity.uid)
    } catch (e) {
      state.relist = true
      throw e
    }
  }
  for (const id of [...state.stale]) {
    // What became of a dead sandbox, and what of its containers, the list says.
    if (state.records.sandboxes.some(s => s.id === id)) await listAgain(state, parts)
    else if (state.stale.has(id)) await inspect(state, id, parts)
  }
}

async function listAgain(state: PodState, { runtime }: KubeletParts): Promise<void> {
  const stale = [...state.stale]
  state.stale.clear()
  state.records = await runtime.list(state.identity.uid).catch((e: unknown) => {
    for (const id of stale) state.stale.add(id)
    throw e
  })
}

/** Reads one container's record anew. Whether one that can't be inspected is gone, the list tells. */
export async function inspect(state: PodState, id: string, { runtime }: KubeletParts): Promise<void> {
  // Before it is looked at: an event that comes meanwhile tells of something newer.
  const told = state.stale.delete(id)
  try {
    const record = await runtime.inspectContainer(id).catch(async () => {
      const { containers } = await runtime.list(state.identity.uid)
      return containers.find(r => r.id === id)
    })
    const others = state.records.containers.filter(r => r.id !== id)
    state.records.containers = record ? [...others, record] : others
  } catch (e) {
    if (told) state.stale.add(id)
    throw e
  }
}

/** Marks what an event tells of to be looked at; a start that the records show was looked at since. */
export function markStale({ records, stale }: PodState, { type, containerId: id }: ContainerEvent): void {
  const known = records.containers.some(r => r.id === id && r.state === 'running')
  if (type !== 'started' || !known) stale.add(id)
}

/** Tells the prober which containers run. */
export function updateProbes(state: PodState, parts: KubeletParts): void {
  const { pod, records } = state
  // A step that a stop overtook still ends; nobody would end its probes.
  if (!pod || parts.signal.aborted) return
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const targets = allContainers(pod).flatMap((container: Container) =>
    records.containers
      .filter(r => r.name === container.name && r.state === 'running')
      .map(({ id, startedAt }) => {
        const status = statuses.find(s => s.containerID === `docker://${id}`)
        const before = { started: status?.started ?? false, ready: status?.ready ?? false }
        return { pod, container, containerId: id, ip: podIP(state, parts), startedAt, before }
      }),
  )
  parts.prober.update(state.identity.uid, targets)
}
