/** Milliseconds of work between two turns of the event loop. */
const slice = 5

/**
 * Has `step` called until it returns false, a slice of time after the other, so that everybody else has their turn. The
 * function that it returns begins with that, unless it is under way.
 */
export function runInSlices(step: () => boolean): () => void {
  let isRunning = false

  function run() {
    const end = performance.now() + slice
    while (step()) {
      if (performance.now() < end) continue
      setImmediate(run)
      return
    }
    isRunning = false
  }

  return () => {
    if (isRunning) return
    isRunning = true
    queueMicrotask(run) // what comes in a burst is seen whole
  }
}
