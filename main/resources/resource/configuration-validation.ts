import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid, required, tooLong } from '../../../shared/machinery/field-errors.ts'
import { isObject } from '../../../shared/machinery/json-value.ts'
import { byteLength } from '../../../shared/machinery/names.ts'
import { validateDriverName } from '../storage/driver-name.ts'
import { validateList } from './bounded.ts'

/** Of JSON and of CEL expressions, in bytes. */
const textLimit = 10 * 1024

interface Configuration {
  opaque?: { driver: string; parameters: unknown }
}

/** Faults of what only a driver understands (validateDeviceConfiguration). */
export function validateConfiguration({ opaque }: Configuration, path: string): StatusCause[] {
  const at = child(path, 'opaque')
  if (!opaque) return [required(at)]
  return [
    ...validateDriverName(child(at, 'driver'), opaque.driver),
    ...validateRaw(opaque.parameters, child(at, 'parameters')),
  ]
}

/** A JSON object that is not too long (validateRawExtension). */
export function validateRaw(value: unknown, path: string): StatusCause[] {
  if (value === undefined || value === null) return [required(path)]
  if (byteLength(JSON.stringify(value)) > textLimit) return [tooLong(path, textLimit)]
  return isObject(value) ? [] : [invalid(path, '<value omitted>', 'must be a valid JSON object')]
}

interface Selector {
  cel?: { expression: string }
}

/** Faults of the expressions that choose devices: that they are there and how long (validateSelectorSlice). */
export function validateSelectors(selectors: readonly Selector[] | undefined, path: string): StatusCause[] {
  return validateList(selectors, {
    path,
    max: 32,
    check: ({ cel }, at) => {
      if (!cel) return [required(child(at, 'cel'))]
      return byteLength(cel.expression) > textLimit ? [tooLong(child(at, 'cel', 'expression'), textLimit)] : []
    },
  })
}
