import { quote } from '../../../shared/machinery/field-errors.ts'

/** Indexes of a Job from first to last. */
interface Interval {
  first: number
  last: number
}

/** Either what was read or upstream's words on why it can't be. */
type Read<T> = { value: T; fault?: never } | { value?: never; fault: string }

/** How many indexes a text such as `1,3-5,7` names (pkg/apis/batch/validation validateIndexesFormat). */
export function countIndexes(text: string, completions: number): Read<number> {
  if (text === '') return { value: 0 }
  let before: number | undefined
  let total = 0
  for (const part of text.split(',')) {
    const { value: interval, fault } = readInterval(part, completions)
    if (fault !== undefined) return { fault }
    const { first, last } = interval
    if (before !== undefined && before >= first) return { fault: outOfOrder(before, first) }
    total += last - first + 1
    before = last
  }
  return { value: total }
}

/** The first index that both texts name; what can't be read is left out (validateFailedIndexesNotOverlapCompleted). */
export function commonIndex(completed: string, failed: string, completions: number): number | undefined {
  const [a, b] = [completed, failed].map(text => readable(text, completions))
  if (!a || !b) return undefined
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [one, other] = [a[i], b[j]]
    if (!one || !other) return undefined
    if (one.first <= other.last && other.first <= one.last) return Math.max(one.first, other.first)
    if (one.first <= other.first) i++
    else j++
  }
  return undefined
}

function readable(text: string, completions: number): Interval[] {
  return text.split(',').flatMap(part => readInterval(part, completions).value ?? [])
}

function readInterval(text: string, completions: number): Read<Interval> {
  const limits = text.split('-')
  if (limits.length > 2) {
    return {
      fault: `the fragment ${quote(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    }
  }
  for (const limit of limits) {
    if (!/^[+]?\d+$/.test(limit)) return { fault: `cannot convert string to integer for index: ${quote(limit)}` }
    if (Number(limit) >= completions) return { fault: `too large index: ${quote(limit)}` }
  }
  const [first = 0, last = first] = limits.map(Number)
  if (limits.length > 1 && first >= last) return { fault: outOfOrder(first, last) }
  return { value: { first, last } }
}

const outOfOrder = (before: number, current: number) => `non-increasing order, previous: ${before}, current: ${current}`
