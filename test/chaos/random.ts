/** Choices that a seed repeats: for each name a sequence of its own, since who asks first is not always the same. */
export interface Choices {
  /** A whole number from 0 up to, but not, `below`. */
  number(below: number): number
  of<T>(some: readonly T[]): T | undefined
}

/** Mulberry32, seeded with the FNV-1a hash of seed and name. */
export function createChoices(seed: string, name: string): Choices {
  let state = 0x811c9dc5
  for (const byte of Buffer.from(`${seed} ${name}`)) state = Math.imul(state ^ byte, 0x01000193)
  function number(below: number): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
  return { number, of: some => some[number(some.length)] }
}
