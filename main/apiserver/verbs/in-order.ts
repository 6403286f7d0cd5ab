/** Uses values in the order in which they come, some at once and some when they are ready. */
export interface InOrder {
  /** Takes a step: `use` runs at once if nothing is waited for, else after the steps before it. */
  then<T>(value: T | Promise<T>, use: (value: T) => void): void
  /** How many steps wait. */
  readonly waiting: number
}

/** `fail` gets the first rejection; what waits behind it is dropped. */
export function createInOrder(fail: (error: unknown) => void): InOrder {
  let last: Promise<void> = Promise.resolve()
  let waiting = 0
  let failed = false
  return {
    get waiting() {
      return waiting
    },
    then(value, use) {
      if (failed) return
      if (waiting === 0 && !(value instanceof Promise)) {
        use(value)
        return
      }
      waiting++
      const ready = Promise.resolve(value)
      last = Promise.allSettled([last, ready])
        .then(async () => {
          const own = await ready
          waiting--
          if (!failed) use(own)
        })
        .catch((error: unknown) => {
          if (!failed) fail(error)
          failed = true
        })
    },
  }
}
