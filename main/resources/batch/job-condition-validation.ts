import type { Job } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalidAsWhole } from '../../../shared/machinery/field-errors.ts'
import { jobHolds } from './job-conditions.ts'

/** Which conditions may be true together and which may go again (the parts of ValidateJobStatusUpdate about conditions). */
export function validateConditionChanges({ spec, status }: Job, { status: before }: Job): StatusCause[] {
  const is = (type: string) => jobHolds(status, type)
  const was = (type: string) => jobHolds(before, type)
  const changed = (...types: string[]) => types.some(type => is(type) !== was(type))
  const indexesChanged = status?.failedIndexes !== before?.failedIndexes
  const lost = ['Failed', 'Complete', 'FailureTarget'].filter(type => was(type) && !is(type))
  const rules: [broken: boolean, detail: string][] = [
    [
      changed('Complete', 'Failed') && is('Complete') && is('Failed'),
      'cannot set Complete=True and Failed=true conditions',
    ],
    [
      changed('Complete', 'FailureTarget') && is('Complete') && is('FailureTarget'),
      'cannot set Complete=True and FailureTarget=true conditions',
    ],
    [
      (changed('Failed') || indexesChanged) && is('Failed') && !is('FailureTarget'),
      'cannot set Failed=True condition without the FailureTarget=true condition',
    ],
    [
      changed('Complete', 'SuccessCriteriaMet') && is('Complete') && !is('SuccessCriteriaMet'),
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
    ],
    [is('SuccessCriteriaMet') && is('Failed'), 'cannot set SuccessCriteriaMet=True and Failed=true conditions'],
    [
      is('SuccessCriteriaMet') && is('FailureTarget'),
      'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
    ],
    [
      spec.successPolicy !== undefined && !is('SuccessCriteriaMet') && is('Complete'),
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
    ],
    ...lost.map((type): [boolean, string] => [true, `cannot disable the terminal ${type}=True condition`]),
    [was('SuccessCriteriaMet') && !is('SuccessCriteriaMet'), 'cannot disable the SuccessCriteriaMet=True condition'],
    [
      was('Complete') && !was('SuccessCriteriaMet') && is('SuccessCriteriaMet'),
      'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions',
    ],
  ]
  return rules.flatMap(([broken, detail]) => (broken ? [invalidAsWhole('status.conditions', detail)] : []))
}
