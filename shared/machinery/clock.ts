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

/** A busy event loop is late by less (ms). */
const slack = 1000

/** What waits: until an instant, and by what the timers count no longer than this. Both in ms. */
interface Waiting {
  at: number
  counted: number
  fn: () => void
  timer?: ReturnType<typeof setTimeout>
}
const waiting = new Set<Waiting>()

/**
 * The machine's clock. Timers stand still while a machine sleeps, its time does not: the first timer that fires late tells
 * of the sleep, and what fell due in it fires then.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(fn, ms) {
    const entry: Waiting = { at: Date.now() + ms, counted: performance.now() + ms, fn }
    waiting.add(entry)
    start(entry)
    return {
      [Symbol.dispose]() {
        clearTimeout(entry.timer)
        waiting.delete(entry)
      },
    }
  },
}

/** Waits for the instant, but not longer than was asked for if the clock was set back. */
function start(entry: Waiting): void {
  const now = Date.now()
  const left = Math.max(0, Math.min(entry.at - now, entry.counted - performance.now()))
  const step = Math.min(left, longest)
  entry.timer = setTimeout(() => {
    if (left === step) {
      waiting.delete(entry)
      entry.fn()
    } else start(entry)
    if (Date.now() > now + step + slack) startAgain()
  }, step)
  letExit(entry.timer)
}

function startAgain(): void {
  for (const entry of waiting) {
    clearTimeout(entry.timer)
    start(entry)
  }
}

/** Node's timers keep the process alive unless told otherwise; a browser's are numbers. */
function letExit(timer: number | { unref(): unknown }): void {
  if (typeof timer === 'object') timer.unref()
}
