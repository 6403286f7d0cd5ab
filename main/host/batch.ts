import { abortable } from '../../shared/contract/abortable.ts'

/**
 * What a source gives, several at a time when it is faster than its reader. At most `most` wait; then the source
 * does. Ending the iteration aborts the source's signal.
 */
export function batches<T>(source: (signal: AbortSignal) => AsyncIterable<T>, most: number): AsyncIterable<T[]> {
  return abortable(signal => collect(source(signal), most, signal))
}

interface Collected<T> {
  waiting: T[]
  /** Set when the source has ended, with its error if it failed. */
  ended?: { error?: unknown }
}

async function* collect<T>(source: AsyncIterable<T>, most: number, aborted: AbortSignal): AsyncGenerator<T[]> {
  const state: Collected<T> = { waiting: [] }
  // Reader and source wait for each other by the same signal: something arrived, was taken, or ended.
  let changed = Promise.withResolvers<true>()
  const signal = () => {
    changed.resolve(true)
    changed = Promise.withResolvers()
  }
  const end = (ended: { error?: unknown }) => {
    state.ended ??= ended
    signal()
  }
  aborted.addEventListener('abort', () => end({}), { once: true })

  async function fill(): Promise<void> {
    for await (const item of source) {
      state.waiting.push(item)
      signal()
      while (state.waiting.length >= most && !state.ended) await changed.promise
      if (state.ended) return
    }
  }
  fill().then(
    () => end({}),
    (error: unknown) => end({ error }),
  )

  for (;;) {
    while (state.waiting.length === 0 && !state.ended) await changed.promise
    if (aborted.aborted) return
    if (state.waiting.length > 0) {
      yield state.waiting.splice(0)
      signal()
    } else if (state.ended && 'error' in state.ended) throw state.ended.error
    else return
  }
}
