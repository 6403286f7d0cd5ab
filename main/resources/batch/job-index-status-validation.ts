import type { Job } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { commonIndex, countIndexes } from './index-intervals.ts'

/** What is wrong with the indexes that have completed or failed, where they changed. */
export function validateIndexStatus({ spec, status = {} }: Job, { status: before = {} }: Job): StatusCause[] {
  const { completedIndexes: completed = '', failedIndexes: failed } = status
  const completedChanged = completed !== (before.completedIndexes ?? '')
  const failedChanged = failed !== before.failedIndexes
  const { completions, backoffLimitPerIndex, completionMode } = spec
  const faults: StatusCause[] = []
  const refuse = (field: string, value: string | undefined, detail: string) => {
    faults.push(invalid(`status.${field}`, value, detail))
  }

  if (completedChanged && completions !== undefined) {
    const { fault } = countIndexes(completed, completions)
    if (fault !== undefined) refuse('completedIndexes', completed, `error parsing completedIndexes: ${fault}`)
  }
  if (failedChanged && failed !== undefined && completions !== undefined && backoffLimitPerIndex !== undefined) {
    const { fault } = countIndexes(failed, completions)
    if (fault !== undefined) refuse('failedIndexes', failed, `error parsing failedIndexes: ${fault}`)
  }
  if (completedChanged && completed !== '' && completionMode !== 'Indexed') {
    refuse('completedIndexes', completed, 'cannot set non-empty completedIndexes when non-indexed completion mode')
  }
  if (failedChanged && failed !== undefined && backoffLimitPerIndex === undefined) {
    refuse('failedIndexes', failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null')
  }
  if ((failedChanged || completedChanged) && failed !== undefined && completions !== undefined) {
    const common = completed && failed ? commonIndex(completed, failed, completions) : undefined
    if (common !== undefined) {
      refuse('failedIndexes', failed, `failedIndexes and completedIndexes overlap at index: ${common}`)
    }
  }
  return faults
}
