import type { JobSpec } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, required, tooLong, tooMany } from '../../../shared/machinery/field-errors.ts'
import { byteLength } from '../../../shared/machinery/names.ts'
import { nonNegative } from '../faults.ts'
import { countIndexes } from './index-intervals.ts'

type Rule = NonNullable<JobSpec['successPolicy']>['rules'][number]

const indexesLimit = 64 * 1024

/** What is wrong with the rules by which a Job succeeds early (pkg/apis/batch/validation validateSuccessPolicy). */
export function validateSuccessPolicy(
  { successPolicy, completionMode, completions }: JobSpec,
  path: string,
): StatusCause[] {
  if (!successPolicy) return []
  const { rules } = successPolicy
  if (completionMode !== 'Indexed') {
    // Upstream prints its internal types, whose fields have no JSON names.
    const shown = rules.map(({ succeededIndexes = null, succeededCount = null }) => ({
      SucceededIndexes: succeededIndexes,
      SucceededCount: succeededCount,
    }))
    return [invalid(path, { Rules: shown }, 'requires indexed completion mode')]
  }
  const at = child(path, 'rules')
  const none = 'at least one rules must be specified when the successPolicy is specified'
  return [
    ...(rules.length === 0 ? [required(at, none)] : []),
    ...(rules.length > 20 ? [tooMany(at, rules.length, 20)] : []),
    ...rules.flatMap((rule, i) => validateRule(rule, index(at, i), completions ?? 0)),
  ]
}

function validateRule({ succeededIndexes, succeededCount }: Rule, path: string, completions: number): StatusCause[] {
  if (succeededIndexes === undefined && succeededCount === undefined) {
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')]
  }
  const at = child(path, 'succeededIndexes')
  const indexes = succeededIndexes === undefined ? undefined : countIndexes(succeededIndexes, completions)
  const isLong = byteLength(succeededIndexes ?? '') > indexesLimit
  return [
    ...(isLong ? [tooLong(at, indexesLimit)] : []),
    ...(indexes?.fault === undefined
      ? []
      : [invalid(at, succeededIndexes, `error parsing succeededIndexes: ${indexes.fault}`)]),
    ...validateCount(succeededCount, child(path, 'succeededCount'), {
      completions,
      named: indexes && (indexes.value ?? 0),
    }),
  ]
}

interface Limits {
  completions: number
  /** How many indexes the rule names, if it names any. */
  named: number | undefined
}

function validateCount(count: number | undefined, path: string, { completions, named }: Limits): StatusCause[] {
  if (count === undefined) return []
  const beyond = (limit: number, what: string) =>
    count > limit ? [invalid(path, count, `must be less than or equal to ${limit} (the number of ${what})`)] : []
  return [
    ...nonNegative(path, count),
    ...beyond(completions, 'specified completions'),
    ...(named === undefined ? [] : beyond(named, 'indexes in the specified succeededIndexes field')),
  ]
}
