import type { Decision } from './decide.ts'
import { nearest } from './explain.ts'

/** The last decision about each pod, as long as there is room. */
export interface Decisions {
  put(uid: string, decision: Decision): void
  get(uid: string): Decision | undefined
  remove(uid: string): void
}

/**
 * Keeps as many decisions whole as speak of `limit` nodes together. Of older ones those about placed pods go, and those
 * about pods that wait keep the nearest nodes only.
 */
export function createDecisions(limit = 100_000): Decisions {
  const whole = new Map<string, Decision>()
  const reduced = new Map<string, Decision>()
  let size = 0

  function remove(uid: string) {
    reduced.delete(uid)
    const decision = whole.get(uid)
    if (!decision) return
    whole.delete(uid)
    size -= sizeOf(decision)
  }

  return {
    put(uid, decision) {
      remove(uid)
      whole.set(uid, decision)
      size += sizeOf(decision)
      for (const [oldest, old] of whole) {
        if (size <= limit || oldest === uid) break
        remove(oldest)
        if (old.node === undefined) reduced.set(oldest, { ...old, verdicts: nearest(old.verdicts) })
      }
    },
    get: uid => whole.get(uid) ?? reduced.get(uid),
    remove,
  }
}

const sizeOf = ({ verdicts, comparison }: Decision) => 1 + verdicts.length + (comparison?.nodes.length ?? 0)
