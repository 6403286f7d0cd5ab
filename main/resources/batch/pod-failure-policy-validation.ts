import type { JobSpec } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import {
  child,
  duplicate,
  index,
  invalid,
  invalidAsWhole,
  notSupported,
  quote,
  required,
  tooMany,
} from '../../../shared/machinery/field-errors.ts'
import { isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor, repeats } from '../faults.ts'

type Policy = NonNullable<JobSpec['podFailurePolicy']>
type Rule = Policy['rules'][number]
type ExitCodes = NonNullable<Rule['onExitCodes']>
type Conditions = NonNullable<Rule['onPodConditions']>

/** What is wrong with the rules by which failed pods are judged (pkg/apis/batch/validation validatePodFailurePolicy). */
export function validatePodFailurePolicy(spec: JobSpec, path: string): StatusCause[] {
  if (!spec.podFailurePolicy) return []
  const { rules } = spec.podFailurePolicy
  const at = child(path, 'rules')
  return [
    ...(rules.length > 20 ? [tooMany(at, rules.length, 20)] : []),
    ...rules.flatMap((rule, i) => validateRule(rule, index(at, i), spec)),
  ]
}

function validateRule(rule: Rule, path: string, spec: JobSpec): StatusCause[] {
  const { onExitCodes, onPodConditions = [] } = rule
  const hasConditions = onPodConditions.length > 0
  return [
    ...validateAction(rule.action, child(path, 'action'), spec),
    ...(onExitCodes ? validateExitCodes(onExitCodes, child(path, 'onExitCodes'), spec) : []),
    ...validateConditions(onPodConditions, child(path, 'onPodConditions')),
    ...(onExitCodes && hasConditions
      ? [invalidAsWhole(path, 'specifying both OnExitCodes and OnPodConditions is not supported')]
      : []),
    ...(!onExitCodes && !hasConditions
      ? [invalidAsWhole(path, 'specifying one of OnExitCodes and OnPodConditions is required')]
      : []),
  ]
}

function validateAction(action: string, path: string, { backoffLimitPerIndex }: JobSpec): StatusCause[] {
  if (action === 'FailIndex' && backoffLimitPerIndex === undefined) {
    return [invalid(path, action, 'requires the backoffLimitPerIndex to be set')]
  }
  return oneOfThese(path, action, ['Count', 'FailIndex', 'FailJob', 'Ignore'])
}

/** Upstream lists the values for an absent one, too. */
function oneOfThese(path: string, value: string | undefined, supported: string[]): StatusCause[] {
  if (!value) return [required(path, `valid values: [${supported.map(quote).join(' ')}]`)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

function validateExitCodes(exitCodes: ExitCodes, path: string, { template }: JobSpec): StatusCause[] {
  const { operator, containerName, values } = exitCodes
  const containers = [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])]
  const unknown = containerName !== undefined && !containers.some(({ name }) => name === containerName)
  const detail = 'must be one of the container or initContainer names in the pod template'
  return [
    ...oneOfThese(child(path, 'operator'), operator, ['In', 'NotIn']),
    ...(unknown ? [invalid(child(path, 'containerName'), containerName, detail)] : []),
    ...validateCodes(values, child(path, 'values'), operator),
  ]
}

function validateCodes(codes: number[], path: string, operator: string): StatusCause[] {
  if (codes.length === 0) return [invalid(path, codes, 'at least one value is required')]
  const repeated = repeats(codes, code => code)
  const unordered = codes.some((code, i) => code < (codes[i - 1] ?? code))
  return [
    ...(codes.length > 255 ? [tooMany(path, codes.length, 255)] : []),
    ...codes.flatMap((code, i) => [
      ...(operator === 'In' && code === 0 ? [invalid(index(path, i), code, 'must not be 0 for the In operator')] : []),
      ...(repeated[i] ? [duplicate(index(path, i), code)] : []),
    ]),
    ...(unordered ? [invalid(path, codes, 'must be ordered')] : []),
  ]
}

function validateConditions(conditions: Conditions, path: string): StatusCause[] {
  return [
    ...(conditions.length > 20 ? [tooMany(path, conditions.length, 20)] : []),
    ...conditions.flatMap(({ type, status }, i) => [
      ...invalidFor(child(index(path, i), 'type'), type, isQualifiedName(type)),
      ...oneOfThese(child(index(path, i), 'status'), status, ['False', 'True', 'Unknown']),
    ]),
  ]
}
