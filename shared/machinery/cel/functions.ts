import { parseType, splitTypes, type Type } from './type.ts'
import type { Value } from './value.ts'

/**
 * What a function computes from values of the types that its signature says. `never` stands for these types: the checker
 * and the evaluator make sure of them, the compiler can't.
 */
type Implementation = (...args: never[]) => Value

/**
 * Functions by signature: `size(string) -> int`, or `string.size() -> int` for one that is called on a value. A colon is
 * the dot of a namespace: `ip:isCanonical(string) -> bool`.
 */
export type Library = Readonly<Record<string, Implementation>>

/** One way to call a function. */
export interface Overload {
  readonly signature: string
  readonly name: string
  /** Called on its first argument: `a.f(b)`. */
  readonly method: boolean
  /** The value that it is called on among them. */
  readonly args: readonly Type[]
  readonly result: Type
  readonly call: (...args: Value[]) => Value
}

export type Functions = ReadonlyMap<string, readonly Overload[]>

/** All overloads by the name of the function. */
export function functionsOf(libraries: readonly Library[]): Functions {
  const overloads = libraries.flatMap(library =>
    Object.entries(library).map(([signature, call]) => overload(signature, call)),
  )
  return Map.groupBy(overloads, ({ name }) => name)
}

function overload(signature: string, call: Implementation): Overload {
  const [head = '', result = ''] = signature.split(' -> ')
  const open = openingOfArguments(head)
  const args = splitTypes(head.slice(open + 1, -1))
  const before = head.slice(0, open)
  const dot = before.lastIndexOf('.')
  const receiver = dot < 0 ? [] : [before.slice(0, dot)]
  return {
    signature,
    name: before.slice(dot + 1).replace(/(?<=[a-z]):(?=[a-zA-Z\d@])/, '.'),
    method: dot >= 0,
    args: [...receiver, ...args].map(parseType),
    result: parseType(result),
    call: call as (...given: Value[]) => Value,
  }
}

/** Where the last parenthesis that is on no other's inside opens. */
function openingOfArguments(head: string): number {
  let depth = 0
  for (let i = head.length - 1; i >= 0; i--) {
    if (head[i] === ')') depth++
    if (head[i] === '(' && --depth === 0) return i
  }
  throw new Error(`no arguments: ${head}`)
}
