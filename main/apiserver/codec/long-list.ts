import type { Body } from '../request.ts'

/** So many items are written in one go: a few hundred kilobytes, and then others have their turn. */
const share = 200

/**
 * A list whose items are made for the answer, as JSON: `frame` is all of it but the items, which come last as `member`. A
 * long one is made bit by bit as the client reads it, so that it is never held whole.
 */
export function longList<T>(
  frame: object,
  { member, items, show }: { member: string; items: readonly T[]; show: (items: readonly T[]) => unknown[] },
): Body {
  const value = () => ({ ...frame, [member]: show(items) })
  const whole = () => [Buffer.from(JSON.stringify(value()))]
  if (items.length <= share) return { value, chunks: whole }

  function* pieces(): Iterable<Buffer> {
    const end = ']}'
    const head = JSON.stringify({ ...frame, [member]: [] }).slice(0, -end.length)
    for (let at = 0; at < items.length; at += share) {
      const text = JSON.stringify(show(items.slice(at, at + share))).slice(1, -1)
      yield Buffer.from((at === 0 ? head : ',') + text)
    }
    yield Buffer.from(end)
  }
  return { value, chunks: whole, pieces: () => ({ size: undefined, chunks: pieces() }) }
}
