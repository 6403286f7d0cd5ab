/** A value that is made when it is first needed. */
export interface Lazy<T> {
  /** What was made; one attempt for all who wait. A failure is forgotten: the next call tries again. */
  get: () => Promise<T>
  /** The next call makes it anew. */
  forget: () => void
}

export function lazily<T>(make: () => Promise<T>): Lazy<T> {
  let made: Promise<T> | undefined
  const forget = () => {
    made = undefined
  }
  return {
    get() {
      made ??= make().catch((error: unknown) => {
        forget()
        throw error
      })
      return made
    },
    forget,
  }
}
