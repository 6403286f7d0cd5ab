/** Time as the code sees it; tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls `fn` once after `ms`; disposing the result cancels it. A real timer never keeps the process alive. */
  setTimeout(fn: () => void, ms: number): Disposable
}

/** An instant as Kubernetes' Time marshals it: RFC 3339, UTC, whole seconds. */
export function toTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -'.000Z'.length)}Z`
}

/** An instant as MicroTime marshals it: RFC 3339, UTC, six digits of a second. */
export function toMicroTime(ms: number): string {
  return new Date(ms).toISOString().replace(/Z$/, '000Z')
}

/** Longest delay that setTimeout keeps; anything beyond fires at once. */
const longest = 2 ** 31 - 1

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(fn, ms) {
    let timer = start(ms)
    function start(left: number) {
      const step = Math.min(left, longest)
      const started = setTimeout(() => {
        if (left > step) timer = start(left - step)
        else fn()
      }, step)
      letExit(started)
      return started
    }
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** Node's timers keep the process alive unless told otherwise; a browser's are numbers. */
function letExit(timer: number | { unref(): unknown }): void {
  if (typeof timer === 'object') timer.unref()
}
