import type { Clock } from '../../../shared/machinery/clock.ts'

/**
 * Since when the machine has been awake. Timers stand still while a laptop sleeps but its clock does not, so an
 * appointment that is noticed late means a sleep: whatever aged during it has not aged by its own fault.
 */
export interface Wakefulness {
  /** Milliseconds since the epoch: the start of the engine or the end of the last sleep. */
  since(): number
  /** Someone will call `since` at `at` or before; a later plan of the same name replaces it. */
  expect(name: string, at: number): void
  forget(name: string): void
}

/** A busy event loop is late by less. */
const slack = 500

/** Awake since now. */
export function createWakefulness(clock: Clock): Wakefulness {
  const plans = new Map<string, number>()
  let awakeSince = clock.now()
  return {
    since() {
      const now = clock.now()
      let slept = false
      for (const at of plans.values()) slept ||= now > at + slack
      if (slept) {
        awakeSince = now
        plans.clear()
      }
      return awakeSince
    },
    expect: (name, at) => plans.set(name, at),
    forget: name => plans.delete(name),
  }
}
