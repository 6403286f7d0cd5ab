import type { Clock } from '../../shared/machinery/clock.ts'
import { createHeap } from './heap.ts'
import type { PodInfo } from './pod-info.ts'

/** Pods that wait for a node, by uid (scheduler/backend/queue). */
export interface SchedulingQueue extends Disposable {
  /** A new pod goes to the end of its priority; a changed one gets another try. */
  add(pod: PodInfo): void
  /** The pod has changed in a way that makes no difference to where it fits. */
  refresh(pod: PodInfo): void
  remove(uid: string): void
  /**
   * The pod to place next: the highest priority first, then first come first served. Those whose back-off still runs
   * come when there is nothing else to do (SchedulerPopFromBackoffQ).
   */
  next(): PodInfo | undefined
  /** The pod fits nowhere: it waits for a change that helps one of the plugins that rejected it. */
  park(pod: PodInfo, rejectedBy: ReadonlySet<string>): void
  /** The attempt failed for other reasons: the pod comes back by itself when its back-off is over. */
  retry(pod: PodInfo): void
  /** Something changed: `helps` tells whether a plugin that rejected a pod may now let it pass. */
  wake(helps: (plugin: string, pod: PodInfo) => boolean): void
  /** While others are made to leave for it, a pod is not tried; what would have woken it does so at the end. */
  hold(uid: string): Disposable
}

interface Entry {
  pod: PodInfo
  /** Order of arrival. */
  turn: number
  attempts: number
  /** Milliseconds since the epoch: the end of the back-off. */
  notBefore: number
  state: 'active' | 'backoff' | 'waiting' | 'failed' | 'placed' | 'gone'
  rejectedBy: ReadonlySet<string>
  held: boolean
  wokenWhileHeld: boolean
  timer?: Disposable | undefined
}

const firstBackOff = 1000
const maxBackOff = 10_000

/** An empty queue; `ready` is called when there is something for `next`. */
export function createSchedulingQueue({ clock, ready }: { clock: Clock; ready: () => void }): SchedulingQueue {
  const entries = new Map<string, Entry>()
  // What left a heap's state in another way stays in the heap until it comes up.
  const active = createHeap<Entry>(comesBefore)
  const backoff = createHeap<Entry>((a, b) => a.notBefore < b.notBefore)
  const waiting = new Set<Entry>()
  let turns = 0

  function activate(entry: Entry) {
    if (entry.held) {
      entry.wokenWhileHeld = true
      return
    }
    waiting.delete(entry)
    const isOver = entry.notBefore <= clock.now()
    entry.state = isOver ? 'active' : 'backoff'
    if (isOver) active.push(entry)
    else backoff.push(entry)
    ready()
  }

  function failed(pod: PodInfo): Entry | undefined {
    const entry = entries.get(pod.uid)
    if (!entry) return undefined // deleted meanwhile
    entry.notBefore = clock.now() + Math.min(firstBackOff * 2 ** entry.attempts, maxBackOff)
    entry.attempts++
    return entry
  }

  function endBackOffs() {
    for (let first = backoff.peek(); first && first.notBefore <= clock.now(); first = backoff.peek()) {
      backoff.pop()
      if (first.state !== 'backoff') continue
      first.state = 'active'
      active.push(first)
    }
  }

  function take(): Entry | undefined {
    endBackOffs()
    for (let entry = active.pop(); entry; entry = active.pop()) if (entry.state === 'active') return entry
    for (let entry = backoff.pop(); entry; entry = backoff.pop()) if (entry.state === 'backoff') return entry
    return undefined
  }

  return {
    add(pod) {
      const known = entries.get(pod.uid)
      if (known) {
        known.pod = pod
        if (known.state === 'waiting') activate(known)
        return
      }
      const entry: Entry = {
        pod,
        turn: turns++,
        attempts: 0,
        notBefore: 0,
        state: 'active',
        rejectedBy: new Set(),
        held: false,
        wokenWhileHeld: false,
      }
      entries.set(pod.uid, entry)
      activate(entry)
    },
    refresh(pod) {
      const known = entries.get(pod.uid)
      if (known) known.pod = pod
    },
    remove(uid) {
      const entry = entries.get(uid)
      if (!entry) return
      entry.timer?.[Symbol.dispose]()
      entry.state = 'gone'
      waiting.delete(entry)
      entries.delete(uid)
    },
    next() {
      const entry = take()
      if (entry) entry.state = 'placed'
      return entry?.pod
    },
    park(pod, rejectedBy) {
      const entry = failed(pod)
      if (!entry) return
      entry.state = 'waiting'
      entry.rejectedBy = rejectedBy
      waiting.add(entry)
    },
    retry(pod) {
      const entry = failed(pod)
      if (!entry) return
      waiting.delete(entry)
      entry.state = 'failed'
      entry.timer = clock.setTimeout(() => {
        entry.timer = undefined
        activate(entry)
      }, entry.notBefore - clock.now())
    },
    wake(helps) {
      for (const entry of waiting) {
        const { rejectedBy, pod } = entry
        if (rejectedBy.size === 0 || [...rejectedBy].some(plugin => helps(plugin, pod))) activate(entry)
      }
    },
    hold(uid) {
      const entry = entries.get(uid)
      if (entry) entry.held = true
      return {
        [Symbol.dispose]() {
          if (!entry) return
          entry.held = false
          if (entry.wokenWhileHeld && entry.state === 'waiting') activate(entry)
          entry.wokenWhileHeld = false
        },
      }
    },
    [Symbol.dispose]() {
      for (const entry of entries.values()) entry.timer?.[Symbol.dispose]()
      entries.clear()
      waiting.clear()
    },
  }
}

function comesBefore(a: Entry, b: Entry): boolean {
  const difference = a.pod.priority - b.pod.priority
  return difference > 0 || (difference === 0 && a.turn < b.turn)
}
