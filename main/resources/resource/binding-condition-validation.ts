import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, invalid } from '../../../shared/machinery/field-errors.ts'
import { repeats } from '../faults.ts'
import { validateList } from './bounded.ts'
import { validateLabelName } from './name-validation.ts'

interface Bound {
  bindingConditions?: string[]
  bindingFailureConditions?: string[]
}

/** Faults of the conditions that a pod waits for before it is bound (validateDeviceBindingParameters). */
export function validateBindingConditions(
  { bindingConditions: good = [], bindingFailureConditions: bad = [] }: Bound,
  path: string,
): StatusCause[] {
  const [goodPath, badPath] = [child(path, 'bindingConditions'), child(path, 'bindingFailureConditions')]
  const overlap = 'bindingFailureConditions must not overlap with bindingConditions'
  const twice = (names: string[], at: string) => {
    const repeated = repeats(names, name => name)
    return names.flatMap((name, i) => (repeated[i] ? [duplicate(index(at, i), name)] : []))
  }
  return [
    ...validateList(good, { path: goodPath, max: 4, check: validateLabelName }),
    ...validateList(bad, { path: badPath, max: 4, check: validateLabelName }),
    ...twice(good, goodPath),
    ...twice(bad, badPath),
    ...bad.flatMap((name, i) => (good.includes(name) ? [invalid(index(badPath, i), name, overlap)] : [])),
    ...(good.length === 0 && bad.length > 0
      ? [invalid(goodPath, null, 'bindingConditions are required to use bindingFailureConditions')]
      : []),
    ...(bad.length === 0 && good.length > 0
      ? [invalid(badPath, null, 'bindingFailureConditions are required to use bindingConditions')]
      : []),
  ]
}
