import type { Pod } from '../../shared/api/core.ts'
import type { Clock } from '../../shared/machinery/clock.ts'

/** Pods that wait for a node, by uid (scheduler/backend/queue). */
export interface SchedulingQueue extends Disposable {
  /** A new pod goes to the end of its priority; a changed one gets another try once its back-off is over. */
  add(pod: Pod): void
  remove(uid: string): void
  /** The pod to place next: the highest priority first, then first come first served. */
  next(): Pod | undefined
  /** The pod fits nowhere: it waits for a change that one of these filters could care about. */
  park(pod: Pod, rejectedBy: ReadonlySet<string>): void
  /** The attempt failed for other reasons: it comes back by itself. */
  retry(pod: Pod): void
  /** Something changed that these filters look at. */
  wake(filters: readonly string[]): void
}

interface Entry {
  pod: Pod
  /** Order of arrival. */
  turn: number
  attempts: number
  /** Milliseconds since the epoch: the end of the back-off. */
  notBefore: number
  state: 'active' | 'waiting' | 'placed'
  rejectedBy: ReadonlySet<string>
  timer?: Disposable | undefined
}

const firstBackOff = 1000
const maxBackOff = 10_000

/** An empty queue; `ready` is called when there is something for `next`. */
export function createSchedulingQueue({ clock, ready }: { clock: Clock; ready: () => void }): SchedulingQueue {
  const entries = new Map<string, Entry>()
  let turns = 0

  function activate(entry: Entry) {
    if (entry.timer) return // its back-off is running
    const wait = entry.notBefore - clock.now()
    if (wait > 0) {
      entry.timer = clock.setTimeout(() => {
        entry.timer = undefined
        activate(entry)
      }, wait)
    } else {
      entry.state = 'active'
      ready()
    }
  }

  function failed(pod: Pod, rejectedBy: ReadonlySet<string>): Entry | undefined {
    const entry = entries.get(pod.metadata.uid)
    if (!entry) return undefined // deleted meanwhile
    const backOff = Math.min(firstBackOff * 2 ** entry.attempts, maxBackOff)
    entry.attempts++
    entry.notBefore = clock.now() + backOff
    entry.state = 'waiting'
    entry.rejectedBy = rejectedBy
    return entry
  }

  return {
    add(pod) {
      const { uid } = pod.metadata
      const known = entries.get(uid)
      if (known) {
        known.pod = pod
        if (known.state === 'waiting') activate(known)
        return
      }
      const entry: Entry = { pod, turn: turns++, attempts: 0, notBefore: 0, state: 'waiting', rejectedBy: new Set() }
      entries.set(uid, entry)
      activate(entry)
    },
    remove(uid) {
      entries.get(uid)?.timer?.[Symbol.dispose]()
      entries.delete(uid)
    },
    next() {
      let first: Entry | undefined
      for (const entry of entries.values()) {
        if (entry.state === 'active' && (!first || comesBefore(entry, first))) first = entry
      }
      if (first) first.state = 'placed'
      return first?.pod
    },
    park: (pod, rejectedBy) => void failed(pod, rejectedBy),
    retry(pod) {
      const entry = failed(pod, new Set())
      if (entry) activate(entry)
    },
    wake(filters) {
      for (const entry of entries.values()) {
        if (entry.state === 'waiting' && filters.some(filter => entry.rejectedBy.has(filter))) activate(entry)
      }
    },
    [Symbol.dispose]() {
      for (const entry of entries.values()) entry.timer?.[Symbol.dispose]()
      entries.clear()
    },
  }
}

function comesBefore(a: Entry, b: Entry): boolean {
  const difference = (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0)
  return difference > 0 || (difference === 0 && a.turn < b.turn)
}
