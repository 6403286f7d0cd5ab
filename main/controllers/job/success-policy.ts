import type { JobSpec } from '../../../shared/api/batch.ts'
import { countCommon, countIndexes, parseIndexes, type IndexSet } from './index-set.ts'

/** Which rule the succeeded indexes meet, in upstream's words (KEP-3998, pkg/controller/job/success_policy.go). */
export function matchSuccessPolicy(
  { successPolicy, completions = 0 }: JobSpec,
  succeeded: IndexSet,
): string | undefined {
  if (!successPolicy || succeeded.length === 0) return undefined
  const met = successPolicy.rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return countIndexes(succeeded) >= (succeededCount ?? Infinity)
    const required = parseIndexes(succeededIndexes, completions)
    const common = countCommon(required, succeeded)
    return required.length > 0 && (common === countIndexes(required) || common >= (succeededCount ?? Infinity))
  })
  return met < 0 ? undefined : `Matched rules at index ${met}`
}
