import { charge, type Budget } from './budget.ts'
import { EvaluationError, typeName, type Value } from './value.ts'

/** One evaluation of a program. */
export interface Frame {
  readonly variable: (name: string) => Value | undefined
  readonly budget: Budget
  /** Of the macros under way; an accumulator may hold the error that its loop has met so far. */
  readonly locals: (Value | EvaluationError)[]
}

export type Step = (frame: Frame) => Value

function attempt(run: Step, frame: Frame): Value | EvaluationError {
  try {
    return run(frame)
  } catch (error) {
    if (error instanceof EvaluationError && !error.cancelled) return error
    throw error
  }
}

/** `&&` and `||`: either side alone may decide, and then the other one may fail. */
export function logical(left: Step, right: Step, decisive: boolean): Step {
  return frame => {
    const a = attempt(left, frame)
    if (a === decisive) return decisive
    const b = attempt(right, frame)
    if (b === decisive) return decisive
    for (const side of [a, b]) {
      if (side instanceof EvaluationError) throw side
      if (typeof side !== 'boolean') throw new EvaluationError('no such overload')
    }
    return !decisive
  }
}

export function conditional(condition: Step, yes: Step, no: Step): Step {
  return frame => {
    const value = condition(frame)
    if (typeof value !== 'boolean') throw new EvaluationError('no such overload')
    return value ? yes(frame) : no(frame)
  }
}

/** What keeps `all` and `exists` going: an error does not decide. */
export function notStrictlyFalse(run: Step): Step {
  return frame => {
    charge(frame.budget, 1)
    return attempt(run, frame) !== false
  }
}

/** `or` and `orValue`: the alternative is only looked at if it is needed. */
export function orElse(name: 'or' | 'orValue', optional: Step, other: Step): Step {
  return frame => {
    const value = optional(frame)
    if (value === null || typeof value !== 'object' || value.kind !== 'optional') throw noSuchOverload(name, [value])
    if (value.value === undefined) return other(frame)
    return name === 'or' ? value : value.value
  }
}

/** What an element of a literal adds to it: with a question mark, what the optional holds. */
export function elementOf(value: Step, optional: boolean): (frame: Frame) => Value | undefined {
  if (!optional) return value
  return frame => {
    const one = value(frame)
    if (one !== null && typeof one === 'object' && one.kind === 'optional') return one.value
    throw new EvaluationError(`cannot initialize optional entry from non-optional value ${typeName(one)}`)
  }
}

/** An index that is a name or a path is part of the path that it stands in: it costs nothing by itself. */
export function free(run: Step): Step {
  return frame => {
    const { spent } = frame.budget
    const value = run(frame)
    frame.budget.spent = spent
    return value
  }
}

export function discounted(run: Step): Step {
  return frame => {
    const value = run(frame)
    frame.budget.spent--
    return value
  }
}

export function noSuchOverload(name: string, values: readonly Value[]): EvaluationError {
  const operator = /^[_!-]/.test(name)
  return new EvaluationError(
    operator ? 'no such overload' : `no such overload: ${name}(${values.map(typeName).join(', ')})`,
  )
}
