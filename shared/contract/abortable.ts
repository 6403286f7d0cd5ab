/**
 * A stream whose source ends by a signal: `return()` aborts it at once, also while a `next()` is waiting, which a
 * bare async generator can't (its `return()` queues behind the `next()` that never comes). The source starts with the
 * first `next()`; an error that only says it was aborted is its proper end.
 */
export function abortable<T>(source: (signal: AbortSignal) => AsyncIterable<T>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const abort = new AbortController()
      const { signal } = abort
      let inner: AsyncIterator<T> | undefined
      const aborted = () => signal.aborted
      const done: IteratorResult<T> = { done: true, value: undefined }
      return {
        async next() {
          if (aborted()) return done
          inner ??= source(signal)[Symbol.asyncIterator]()
          try {
            return await inner.next()
          } catch (error) {
            if (aborted()) return done
            throw error
          }
        },
        async return() {
          abort.abort()
          await inner?.return?.()
          return done
        },
      }
    },
  }
}
