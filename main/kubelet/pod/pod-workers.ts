import type { Pod } from '../../../shared/api/core.ts'
import type { NodePressure } from '../eviction/node-pressure.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { allocate, inOrder } from '../resize/allocate.ts'
import type { PodIdentity } from '../runtime.ts'
import { isOver } from './pod-records.ts'
import type { PodState } from './pod-state.ts'
import { createPodWorker, type PodWorker } from './pod-worker.ts'

/** A worker for each pod of a node. Disposing them leaves the pods running. */
export interface PodWorkers extends Iterable<PodWorker>, AsyncDisposable {
  /** Takes up a pod, or one that is known as it is now. `adopt`: an earlier kubelet may have started it. */
  take(pod: Pod, adopt: boolean): void
  /** Takes up what an earlier kubelet left of a pod that the API server has no more, unless it is known. */
  takeLeftover(pod: PodIdentity): void
  /** The API server has the pod no more. */
  gone(uid: string): void
  get(uid: string): PodWorker | undefined
  uids(): Set<string>
  states(): PodState[]
  /** Room was made: pods that wait for it are decided upon in order, and told. */
  retryResizes(): void
}

interface Options {
  parts: KubeletParts
  pressure: NodePressure
  /** Nothing is left of a pod that was to end; whether it was a static one, whose manifest may come back. */
  ended: (uid: string) => boolean
}

export function createPodWorkers({ parts, pressure, ended }: Options): PodWorkers {
  const workers = new Map<string, PodWorker>()
  /** Pods that are done with, until the informer has seen their end, too. */
  const finished = new Set<string>()

  const states = () => [...workers.values()].map(({ state }) => state)

  function start(identity: PodIdentity, adopt: boolean): PodWorker {
    const { uid } = identity
    const made = createPodWorker({
      identity,
      parts,
      adopt,
      done() {
        workers.delete(uid)
        // One that is gone is told of no more.
        if (!ended(uid) && !made.state.gone) finished.add(uid)
        retryResizes()
      },
    })
    workers.set(uid, made)
    return made
  }

  function retryResizes() {
    for (const state of inOrder(states())) {
      const before = state.resize.pending?.message
      if (state.pod) allocate(state, state.pod, parts)
      if (state.resize.pending?.message !== before) workers.get(state.identity.uid)?.wake()
    }
  }

  /** Pods that a kubelet has begun with are not asked for again, nor those that end anyway. */
  function refusalOf(pod: Pod) {
    if (pod.status?.startTime !== undefined || isOver(pod) || pod.metadata.deletionTimestamp !== undefined)
      return undefined
    return pressure.refusal(pod) ?? parts.refusal(pod)
  }

  return {
    take(pod, adopt) {
      const { uid, name, namespace = '' } = pod.metadata
      if (finished.has(uid)) return
      const known = workers.get(uid)
      if (known) {
        known.update(pod)
        return
      }
      pressure.watch()
      const refusal = refusalOf(pod)
      const made = start({ uid, name, namespace }, adopt)
      made.update(pod)
      if (refusal) made.fail({ ...refusal, rejected: true })
    },
    takeLeftover(pod) {
      if (!workers.has(pod.uid)) start(pod, true).gone()
    },
    gone(uid) {
      finished.delete(uid)
      workers.get(uid)?.gone()
    },
    get: uid => workers.get(uid),
    uids: () => new Set(workers.keys()),
    states,
    retryResizes,
    [Symbol.iterator]: () => workers.values(),
    async [Symbol.asyncDispose]() {
      await Promise.all([...workers.values()].map(each => each[Symbol.asyncDispose]()))
    },
  }
}
