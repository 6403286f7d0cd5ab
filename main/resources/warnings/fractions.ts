import { formatQuantity, parseQuantity } from '../../../shared/machinery/quantity.ts'

/** Only these can make less than one of a quantity. */
const mayBeFraction = /[.numeE]/

/** Bytes that are no whole number; `path` is that of the list, `names` are what it counts in bytes. */
export function fractionWarnings(
  path: string,
  list: Readonly<Record<string, string>> | undefined,
  names: readonly string[],
): string[] {
  if (!list) return []
  return names.flatMap(name => {
    const value = list[name]
    if (value === undefined || !mayBeFraction.test(value) || parseQuantity(value).nanos % 1_000_000_000n === 0n)
      return []
    return [`${path}[${name}]: fractional byte value "${formatQuantity(value)}" is invalid, must be an integer`]
  })
}

interface ClaimSpec {
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
}

/** What a claim asks for (pkg/api/persistentvolumeclaim GetWarningsForPersistentVolumeClaimSpec). */
export function claimSpecWarnings(path: string, { resources }: ClaimSpec): string[] {
  return [
    ...fractionWarnings(`${path}.resources.requests`, resources?.requests, ['storage']),
    ...fractionWarnings(`${path}.resources.limits`, resources?.limits, ['storage']),
  ]
}
