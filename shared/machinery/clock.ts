/** Time as the code sees it; tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `fn` once after `ms`; disposing the result cancels it. A real timer never keeps the process alive. */
  setTimeout(fn: () => void, ms: number): Disposable
}

/** An instant as Kubernetes' Time marshals it: RFC 3339, UTC, whole seconds. */
export function toTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** An instant as MicroTime marshals it: RFC 3339, UTC, six digits of a second. */
export function toMicroTime(ms: number): string {
  return new Date(ms).toISOString().replace(/Z$/, '000Z')
}
