import type { WatchFrame, WatchSink } from '../request.ts'

/** How far a client may fall behind before its watch ends and it has to list again. */
const backlogLimit = 10_000
/** The same in bytes: large objects must not fill the memory for a client that does not read. */
const sizeLimit = 16 * 1024 * 1024
/** Frames per write: large enough to be cheap, small enough to notice a client that is behind. */
const batch = 64

export interface WatchFeed {
  /** Queues frames whatever their number: the state that a watch begins with. */
  begin(frames: readonly WatchFrame[]): void
  /** Queues one frame; false if the client is too far behind, which ends the stream. */
  offer(frame: WatchFrame): boolean
  /** Writes what is queued and ends the stream. */
  finish(): void
}

/** Carries frames to a client at its own pace. What comes in one turn of the event loop goes out in few writes. */
export function createWatchFeed(sink: WatchSink): WatchFeed {
  let queue: WatchFrame[] = []
  let allowance = backlogLimit
  let waiting = 0
  let scheduled = false
  let blocked = false
  let finished = false

  const flush = () => {
    scheduled = false
    let at = 0
    while (at < queue.length && !blocked) {
      const frames = queue.slice(at, at + batch)
      at += frames.length
      blocked = !sink.write(frames)
    }
    queue = at < queue.length ? queue.slice(at) : []
    if (queue.length === 0) {
      allowance = backlogLimit
      waiting = 0
      if (finished) sink.end()
    }
  }
  const schedule = () => {
    if (scheduled || blocked) return
    scheduled = true
    queueMicrotask(flush)
  }
  sink.drained(() => {
    blocked = false
    flush()
  })
  return {
    begin(frames) {
      for (const frame of frames) queue.push(frame)
      allowance += frames.length
      schedule()
    },
    offer(frame) {
      if (finished) return false
      if (blocked) waiting += frame.size
      if (queue.length >= allowance || waiting > sizeLimit) {
        // It begins again from what it has seen: the rest would only fill the memory until the client reads or goes.
        queue = []
        finished = true
        sink.end()
        return false
      }
      queue.push(frame)
      schedule()
      return true
    },
    finish() {
      if (finished) return
      finished = true
      schedule()
    },
  }
}
