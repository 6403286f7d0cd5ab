import type { CustomResourceSubresources } from '../../../shared/api/apiextensions.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { goValue, isObject } from '../../../shared/machinery/json-value.ts'

type Paths = NonNullable<CustomResourceSubresources['scale']>

/** The members on the way of a simple path. */
export const stepsOf = (path: string): string[] => path.replace(/^\./, '').split('.')

/** Whether the number that `/scale` sets is one. */
export function validateScaleSpec({ specReplicasPath }: Paths, object: unknown): StatusCause[] {
  return validateReplicas(specReplicasPath, object)
}

/** Whether `/scale` can show the status. */
export function validateScaleStatus(
  { statusReplicasPath, labelSelectorPath = '' }: Paths,
  object: unknown,
): StatusCause[] {
  const faults = validateReplicas(statusReplicasPath, object)
  if (labelSelectorPath === '') return faults
  const found = follow(object, labelSelectorPath)
  if ('fault' in found) return [...faults, invalid(labelSelectorPath, '', found.fault)]
  if (found.value === undefined || typeof found.value === 'string') return faults
  return [...faults, invalid(labelSelectorPath, '', mistyped(labelSelectorPath, found.value, 'string'))]
}

function validateReplicas(path: string, object: unknown): StatusCause[] {
  const found = follow(object, path)
  if ('fault' in found) return [invalid(path, 0, found.fault)]
  const { value } = found
  if (value === undefined) return []
  if (typeof value !== 'bigint' && (typeof value !== 'number' || !Number.isInteger(value)))
    return [invalid(path, 0, mistyped(path, value, 'int64'))]
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')]
  return value > 2147483647 ? [invalid(path, value, 'should be less than or equal to 2147483647')] : []
}

function follow(object: unknown, path: string): { value: unknown } | { fault: string } {
  let value: unknown = object
  for (const step of stepsOf(path)) {
    if (value === undefined || value === null) return { value: undefined }
    if (!isObject(value)) return { fault: mistyped(path, value, 'map[string]interface{}') }
    value = Object.hasOwn(value, step) ? value[step] : undefined
  }
  return { value }
}

function mistyped(path: string, value: unknown, expected: string): string {
  const steps = stepsOf(path).join('.')
  return `.${steps} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected ${expected}`
}

function goType(value: unknown): string {
  if (typeof value === 'bigint' || Number.isInteger(value)) return 'int64'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'boolean') return 'bool'
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  return typeof value === 'object' ? 'map[string]interface {}' : typeof value
}
