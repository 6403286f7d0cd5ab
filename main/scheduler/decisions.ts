import type { Decision } from './decide.ts'

/** The last decision about each pod, as long as there is room. */
export interface Decisions {
  put(uid: string, decision: Decision): void
  get(uid: string): Decision | undefined
  remove(uid: string): void
}

/** Keeps as many decisions as speak of `limit` nodes together; the oldest go first. */
export function createDecisions(limit = 100_000): Decisions {
  const kept = new Map<string, Decision>()
  let size = 0

  function remove(uid: string) {
    const decision = kept.get(uid)
    if (!decision) return
    kept.delete(uid)
    size -= sizeOf(decision)
  }

  return {
    put(uid, decision) {
      remove(uid)
      kept.set(uid, decision)
      size += sizeOf(decision)
      for (const oldest of kept.keys()) {
        if (size <= limit || oldest === uid) break
        remove(oldest)
      }
    },
    get: uid => kept.get(uid),
    remove,
  }
}

const sizeOf = ({ verdicts, comparison }: Decision) => 1 + verdicts.length + (comparison?.nodes.length ?? 0)
