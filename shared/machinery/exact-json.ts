/**
 * Integers as Go keeps them: all of 64 bits. What a number can't hold is a bigint, wherever JSON values are worked on; other
 * integers are numbers, so that a value has one form only and `===` compares it.
 */

declare global {
  interface JSON {
    /** `source`: how a scalar is written. */
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
    /** What JSON.stringify writes as it is. */
    rawJSON(text: string): unknown
  }
  interface BigInt {
    toJSON(): unknown
  }
}

// JSON.stringify throws at bigints that don't say how they are written.
Object.defineProperty(BigInt.prototype, 'toJSON', {
  value(this: bigint) {
    return JSON.rawJSON(String(this))
  },
  configurable: true,
  writable: true,
})

/** JSON.parse that keeps integers exactly. */
export function parseJson(text: string): unknown {
  return manyDigits.test(text) ? reparseJson(text) : (JSON.parse(text) as unknown)
}

/** The same where it is known that numbers have rounded some. */
export function reparseJson(text: string): unknown {
  return JSON.parse(text, (_, value, { source }) =>
    source === undefined || typeof value !== 'number' || Number.isSafeInteger(value) ? value : integerOf(source),
  )
}

/** An integer of JSON's decimal digits; of other numbers, and beyond 64 bits, the nearest number, as Go's decoder has it. */
export function integerOf(digits: string): number | bigint {
  const near = Number(digits)
  if (String(near) === digits || !/^-?\d+$/.test(digits)) return near
  const exact = BigInt(digits)
  return BigInt.asIntN(64, exact) === exact ? exact : near
}

/** What is said of an integer where only numbers can be worked with. */
export const beyondExact = (value: bigint) => `the integer ${value} is beyond 2^53 and can't be held exactly`

/** What stands in JSON before an integer that numbers may round; also in some strings, which does no harm. */
const manyDigits = /[[:,\s]-?\d{16}/
