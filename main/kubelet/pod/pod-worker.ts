import type { Pod } from '../../../shared/api/core.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { endPod, removePod, shortenKills } from './end-pod.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { ownConditions } from '../status/pod-conditions.ts'
import type { PodFailure } from './pod-failure.ts'
import { isOver } from './pod-records.ts'
import { markStale, newPodState, publish, refresh } from './pod-state.ts'
import type { PodState } from './pod-state.ts'
import type { ContainerEvent, PodIdentity } from '../runtime.ts'
import { watchStorage } from '../eviction/watch-storage.ts'
import { allocate } from '../resize/allocate.ts'
import { syncPod } from './sync-pod.ts'
import { referencesOf } from '../volumes/volume-references.ts'
import { retryPeriod } from '../container/waiting-fault.ts'

/** Works on one pod, one step at a time, until nothing of it is left. */
export interface PodWorker extends AsyncDisposable {
  readonly state: PodState
  /** The pod as the informer has it now. */
  update(pod: Pod): void
  /** Ends the pod for a reason that is not its own. */
  fail(failure: PodFailure): void
  /** The API server has the pod no more. */
  gone(): void
  /** Something became of one of its containers or sandboxes. */
  touch(event: ContainerEvent): void
  /** Events may have been missed. */
  resync(): void
  wake: () => void
  /** ConfigMaps and Secrets it depends on, as referencesOf writes them. */
  readonly references: ReadonlySet<string>
}

interface Options {
  identity: PodIdentity
  parts: KubeletParts
  /** The runtime may already have something of the pod. */
  adopt: boolean
  /** Called once, when nothing of the pod is left. */
  done: () => void
}

export function createPodWorker({ identity, parts, adopt, done }: Options): PodWorker {
  const { clock, log: allLog } = parts
  const log = allLog.with({ pod: `${identity.namespace}/${identity.name}` })
  const state = newPodState(identity, adopt)
  let references: ReadonlySet<string> = new Set()
  let woken = false
  let running: Promise<void> | undefined
  let stopped = false
  /** Resolves when the kubelet stops: a grace period that is under way must not hold it up. */
  const halt = Promise.withResolvers<undefined>()
  let timer: Disposable | undefined
  let deadline: Disposable | undefined
  /** Ends the step that is under way when something more urgent comes up. */
  let step = new AbortController()

  /** Upstream gives a pod that is evicted one second; here the pod is at fault, so it does not count as disrupted. */
  const exceeded = (message: string) => fail({ reason: 'Evicted', message, graceSeconds: 1 })
  const storage = watchStorage({ state, parts, exceeded })

  const ending = () => state.gone || state.pod?.metadata.deletionTimestamp !== undefined || state.failure !== undefined

  const awake = () => woken && !stopped

  function wake() {
    woken = true
    if (stopped || running) return
    running = run().finally(() => {
      running = undefined
      // Between the loop's last look and here, somebody else may have had a turn.
      if (awake()) wake()
    })
  }

  async function run(): Promise<void> {
    // Callers hold locks of their own (informer, event stream): begin in a turn of our own.
    await Promise.resolve()
    while (awake()) {
      woken = false
      timer?.[Symbol.dispose]()
      timer = undefined
      step = new AbortController()
      const again = await Promise.race([guardedStep(), halt.promise])
      if (again === undefined) continue
      if (again === 0) woken = true
      else if (!stopped) timer = clock.setTimeout(wake, again)
    }
  }

  async function guardedStep(): Promise<number | undefined> {
    try {
      return await oneStep()
    } catch (error) {
      if (stopped || step.signal.aborted) return 0
      log.error('Pod could not be synced', { error })
      return retryPeriod * (1 + parts.random() / 2)
    }
  }

  /** Milliseconds to the next step, 0 for at once, undefined when only a change can make one necessary. */
  async function oneStep(): Promise<number | undefined> {
    await refresh(state, parts)
    if (ending() || (state.terminal && !state.cleaned)) {
      if (!state.cleaned) await endPod(state, parts)
      if (!state.gone && state.pod?.metadata.deletionTimestamp === undefined) return undefined
      publish(state, parts)
      await removePod(state, state.gone ? undefined : state.pod, parts)
      finish()
      return undefined
    }
    const { pod } = state
    if (!pod) return undefined
    if (isOver(pod) || state.cleaned) {
      // Adopted after it came to its end: make sure that nothing of it runs or is mounted.
      if (!state.cleaned) state.terminal = true
      return state.cleaned ? undefined : 0
    }
    watchDeadline(pod)
    if (state.failure) return 0
    if (state.resize.pending) parts.retryResizes()
    const granted = allocate(state, pod, parts)
    const resizing = state.resize.progress !== undefined
    publish(state, parts)
    const again = await syncPod(state, granted, parts, step.signal)
    publish(state, parts)
    if (resizing && !state.resize.progress) parts.retryResizes()
    // Room may come from pods of which no event tells, e.g. one that was made smaller.
    return state.resize.pending === undefined ? again : Math.min(again ?? retryPeriod, retryPeriod)
  }

  function watchDeadline(pod: Pod) {
    deadline?.[Symbol.dispose]()
    deadline = undefined
    const seconds = pod.spec.activeDeadlineSeconds
    if (seconds === undefined) return
    const start = parts.statuses.latest(pod).status?.startTime
    const left = (start ? Date.parse(start) : clock.now()) + seconds * 1000 - clock.now()
    if (left > 0) deadline = clock.setTimeout(expire, left)
    else expire()
  }

  function expire() {
    const message = 'Pod was active on the node longer than the specified deadline'
    fail({ reason: 'DeadlineExceeded', message }, 'Normal')
  }

  function fail(failure: PodFailure, eventType: 'Normal' | 'Warning' = 'Warning') {
    if (stopped || ending()) return
    state.failure = failure
    const { reason, message, annotations } = failure
    if (state.pod) parts.recorder.event(state.pod, eventType, reason, message, annotations && { annotations })
    step.abort()
    wake()
  }

  function finish() {
    stopped = true
    const { uid } = identity
    timer?.[Symbol.dispose]()
    deadline?.[Symbol.dispose]()
    storage[Symbol.dispose]()
    parts.prober.update(uid, [])
    parts.prober.history.forget(uid)
    parts.images.forget(uid)
    parts.crashes.forget(uid)
    parts.statuses.forget(uid)
    done()
  }

  return {
    state,
    get references() {
      return references
    },
    update(pod) {
      const before = state.pod?.metadata
      const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata
      const concerns = !state.pod || concernsKubelet(state.pod, pod)
      const sooner =
        deletionTimestamp !== before?.deletionTimestamp ||
        deletionGracePeriodSeconds !== before?.deletionGracePeriodSeconds
      state.pod = pod
      references = referencesOf(pod)
      storage.update(pod)
      if (sooner) {
        step.abort()
        shortenKills(state)
      }
      if (concerns || (parts.nodeReady() && parts.statuses.overruled(pod))) wake()
    },
    fail: failure => fail(failure),
    gone() {
      // Whoever removed it by force waits for nothing, and may have asked for less before.
      state.gone = true
      if (state.pod?.metadata.deletionTimestamp === undefined) step.abort()
      shortenKills(state)
      wake()
    },
    touch(event) {
      markStale(state, event)
      wake()
    },
    resync() {
      state.relist = true
      wake()
    },
    wake,
    async [Symbol.asyncDispose]() {
      stopped = true
      step.abort()
      halt.resolve(undefined)
      timer?.[Symbol.dispose]()
      deadline?.[Symbol.dispose]()
      storage[Symbol.dispose]()
      await running
    },
  }
}

/** Whether there is anything to do about an update: most tell of what this very kubelet wrote into the status. */
function concernsKubelet(before: Pod, now: Pod): boolean {
  const part = ({ metadata, status }: Pod) => [
    metadata.generation,
    metadata.deletionTimestamp,
    metadata.deletionGracePeriodSeconds,
    metadata.labels,
    metadata.annotations,
    (status?.conditions ?? []).filter(c => !ownConditions.has(c.type)).map(c => [c.type, c.status]),
  ]
  return !jsonEqual(part(before), part(now))
}
