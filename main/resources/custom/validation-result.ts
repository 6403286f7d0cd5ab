import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid } from '../../../shared/machinery/field-errors.ts'

/** Where a value is: `path` as upstream's messages have it, which is relative to what is validated, and what is before it. */
export interface Place {
  path: string
  prefix: string
}

/** The field of a cause; upstream prints one that it does not know as `<nil>`. */
export function fieldOf({ path, prefix }: Place): string {
  if (path === '') return prefix === '' ? '<nil>' : prefix
  return child(prefix, path.startsWith('.') ? path.slice(1) : path)
}

/** `spec.size in body should …` */
export function invalidValue(at: Place, value: unknown, text: string): StatusCause {
  return invalid(fieldOf(at), value, `${at.path} in body ${text}`)
}

/** A fault of several values together, whose place upstream forgets. */
export function placeless({ prefix }: Place, text: string): StatusCause {
  return invalid(prefix === '' ? '<nil>' : prefix, '', text)
}

/**
 * Faults, each once, and how many checks passed: of several schemas that a value does not fit, the one that it fits best
 * is told about (kube-openapi/pkg/validation/validate/result.go).
 */
export interface Result {
  readonly faults: readonly StatusCause[]
  readonly matches: number
  add(fault: StatusCause): void
  count(matches: number): void
  merge(other: Result): void
}

/** More than anyone reads; the answer names the first thousand. */
const maxFaults = 2000

export function createResult(): Result {
  const faults: StatusCause[] = []
  let seen: Set<string> | undefined
  let matches = 0
  const add = (fault: StatusCause) => {
    if (faults.length >= maxFaults) return
    const id = `${fault.field ?? ''}\n${fault.message ?? ''}`
    seen ??= new Set()
    if (seen.size === seen.add(id).size) return
    faults.push(fault)
  }
  return {
    faults,
    get matches() {
      return matches
    },
    add,
    count(more) {
      matches += more
    },
    merge(other) {
      matches += other.matches
      other.faults.forEach(add)
    },
  }
}
