import type { StoreEvent } from './store.ts'

/** The latest events in revision order, so that most watches begin without the disk. */
export interface EventRing {
  /** Events up to this revision are not here any more. */
  readonly floor: number
  push(event: StoreEvent): void
  /** The events after a revision, which must not be below `floor`. */
  after(revision: number): StoreEvent[]
  /** Whether the values under a prefix are the same now as at `revision`; false if the ring doesn't go back so far. */
  unchanged(prefix: string, revision: number): boolean
}

/** What an event costs beside its bytes, roughly. */
const overhead = 500

export interface EventRingConfig {
  /** The revision the ring begins after. */
  floor: number
  /** How much it may hold. */
  bytes: number
  /** The newest revision on disk: what is above can be had only here, so it stays. */
  written: () => number
}

export function createEventRing({ floor, bytes, written }: EventRingConfig): EventRing {
  let events: StoreEvent[] = []
  /** Where the ring begins in `events`; what is before is cut off now and then. */
  let start = 0
  let used = 0

  const sizeOf = ({ entry }: StoreEvent) => entry.bytes.length + overhead

  /** The index of the first event after a revision, searched from the end: callers mostly ask for the newest. */
  const indexAfter = (revision: number) => {
    let index = events.length
    while (index > start && (events[index - 1]?.entry.revision ?? 0) > revision) index--
    return index
  }

  return {
    get floor() {
      return floor
    },
    push(event) {
      events.push(event)
      used += sizeOf(event)
      for (let first; used > bytes && (first = events[start]) && first.entry.revision <= written(); start++) {
        floor = first.entry.revision
        used -= sizeOf(first)
      }
      if (start > 1000 && start > events.length / 2) {
        events = events.slice(start)
        start = 0
      }
    },
    after: revision => events.slice(indexAfter(revision)),
    unchanged: (prefix, revision) =>
      revision >= floor && !events.slice(indexAfter(revision)).some(({ entry }) => entry.key.startsWith(prefix)),
  }
}
