import { isList, isObject } from '../../../shared/machinery/json-value.ts'

/**
 * Where two values differ, one line each: `containers[0].command: ["a"] -> ["b"]`. Upstream prints a diff of Go values
 * in this place, which nobody parses.
 */
export function differences(before: unknown, after: unknown, path = ''): string {
  return [...walk(before, after, path)].join('\n')
}

function* walk(before: unknown, after: unknown, path: string): Generator<string> {
  if (isList(before) && isList(after) && before.length === after.length) {
    for (const [i, item] of before.entries()) yield* walk(item, after[i], `${path}[${i}]`)
  } else if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* walk(before[key], after[key], path === '' ? key : `${path}.${key}`)
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    yield `${path}: ${show(before)} -> ${show(after)}`
  }
}

const show = (value: unknown) => (value === undefined ? 'unset' : JSON.stringify(value))
