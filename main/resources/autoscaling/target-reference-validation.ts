import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { isPathSegmentName } from '../../../shared/machinery/names.ts'
import { invalidFor } from '../faults.ts'

type Reference = HorizontalPodAutoscaler['spec']['scaleTargetRef']

/** What is wrong with a reference to what is scaled or measured (ValidateCrossVersionObjectReference). */
export function validateTargetReference(
  { kind, name, apiVersion = '' }: Reference,
  path: string,
  version: 'named group' | 'any group' | 'anything',
): StatusCause[] {
  const part = (field: string, value: string) => {
    const at = child(path, field)
    return value ? invalidFor(at, value, isPathSegmentName(value)) : [required(at)]
  }
  const fault = version === 'anything' ? undefined : versionFault(apiVersion, version === 'named group')
  return [
    ...part('kind', kind),
    ...part('name', name),
    ...(fault === undefined ? [] : [invalid(child(path, 'apiVersion'), apiVersion, fault)]),
  ]
}

function versionFault(apiVersion: string, needsGroup: boolean): string | undefined {
  const parts = apiVersion.split('/')
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`
  return needsGroup && (parts.length === 1 || parts[0] === '') ? 'apiVersion must specify API group' : undefined
}
