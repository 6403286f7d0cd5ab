import type { Job, JobStatus } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, index, invalid, required } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { immutable, nonNegative } from '../faults.ts'
import { validateConditionChanges } from './job-condition-validation.ts'
import { hasCondition, jobHolds } from './job-conditions.ts'
import { validateIndexStatus } from './job-index-status-validation.ts'

const numbers = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const

/**
 * What is wrong with a status, whoever wrote it: with `managedBy` that may be anybody (pkg/apis/batch/validation
 * ValidateJobUpdateStatus, KEP-4368). What has not changed is not held against a writer.
 */
export function validateJobStatus(object: Job, old: Job): StatusCause[] {
  const status = object.status ?? {}
  const before = old.status ?? {}
  return [
    ...numbers.flatMap(field => nonNegative(child('status', field), status[field])),
    ...validateUncounted(status),
    ...validateConditionChanges(object, old),
    ...validateFinished(object, old),
    ...validateIndexStatus(object, old),
    ...validateTimes(object, old),
    ...validateCounters(object, before),
  ]
}

function validateUncounted({ uncountedTerminatedPods: uncounted }: JobStatus): StatusCause[] {
  const seen = new Set<string>()
  return (['succeeded', 'failed'] as const).flatMap(list =>
    (uncounted?.[list] ?? []).flatMap((uid, i) => {
      const path = index(child('status.uncountedTerminatedPods', list), i)
      if (uid === '') return [invalid(path, uid, 'must not be empty')]
      const repeated = seen.has(uid)
      seen.add(uid)
      return repeated ? [duplicate(path, uid)] : []
    }),
  )
}

const isFinished = (status: JobStatus | undefined) => jobHolds(status, 'Complete') || jobHolds(status, 'Failed')

/** A finished Job has no pods left to care for. */
function validateFinished({ spec, status = {} }: Job, { status: before = {} }: Job): StatusCause[] {
  if (!isFinished(status)) return []
  const justFinished = !isFinished(before)
  const changed = (field: keyof JobStatus) => justFinished || !jsonEqual(status[field], before[field])
  const { active = 0, startTime, uncountedTerminatedPods: uncounted, terminating = 0 } = status
  const nothingToDo = spec.suspend === true && spec.completions === 0
  const counted = (uncounted?.failed ?? []).length + (uncounted?.succeeded ?? []).length === 0
  // Upstream prints its internal type, whose fields have no JSON names.
  const shown = { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null }
  const faults: StatusCause[] = []
  if (changed('active') && active > 0) {
    faults.push(invalid('status.active', active, 'active>0 is invalid for finished job'))
  }
  if (changed('startTime') && !nothingToDo && !startTime) {
    faults.push(required('status.startTime', 'startTime is required for finished job'))
  }
  if (changed('uncountedTerminatedPods') && !counted) {
    faults.push(invalid('status.uncountedTerminatedPods', shown, 'must be empty for finished job'))
  }
  if (changed('terminating') && terminating > 0) {
    faults.push(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'))
  }
  return faults
}

function validateTimes({ spec, status = {} }: Job, { status: before = {} }: Job): StatusCause[] {
  const { startTime, completionTime } = status
  const at = (field: string) => child('status', field)
  const startChanged = !sameTime(startTime, before.startTime)
  const endChanged = !sameTime(completionTime, before.completionTime)
  const complete = jobHolds(status, 'Complete')
  const faults: StatusCause[] = []
  if (endChanged || complete !== jobHolds(before, 'Complete')) {
    if (completionTime && !complete) {
      const detail = 'cannot set completionTime when there is no Complete=True condition'
      faults.push(invalid(at('completionTime'), completionTime, detail))
    }
    if (!completionTime && complete) {
      faults.push(required(at('completionTime'), 'completionTime is required for Complete jobs'))
    }
  }
  const backwards = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime)
  if ((startChanged || endChanged) && backwards) {
    faults.push(invalid(at('completionTime'), completionTime, 'must be equal to or after `startTime`'))
  }
  if (completionTime && before.completionTime && endChanged) {
    faults.push(invalid(at('completionTime'), completionTime, immutable))
  }
  const resumes = jobHolds(before, 'Suspended') && hasCondition(status, 'Suspended', 'False')
  if (startChanged && before.startTime && !resumes && !spec.suspend) {
    const detail = 'field is immutable for unsuspended job once set'
    faults.push(invalid(at('startTime'), startTime, detail))
  }
  return faults
}

const sameTime = (a: string | undefined, b: string | undefined) =>
  a === b || (a !== undefined && b !== undefined && Date.parse(a) === Date.parse(b))

function validateCounters({ spec, status = {} }: Job, before: JobStatus): StatusCause[] {
  const { active = 0, ready = 0, succeeded = 0, failed = 0 } = status
  const readyChanged = status.ready !== before.ready || active !== (before.active ?? 0)
  // An Indexed Job whose completions follow its parallelism may shrink.
  const shrinks = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  const faults: StatusCause[] = []
  if (readyChanged && status.ready !== undefined && ready > active) {
    faults.push(invalid('status.ready', ready, 'cannot set more ready pods than active'))
  }
  if (failed < (before.failed ?? 0)) {
    faults.push(invalid('status.failed', failed, 'cannot decrease the failed counter'))
  }
  if (succeeded < (before.succeeded ?? 0) && !shrinks) {
    faults.push(invalid('status.succeeded', succeeded, 'cannot decrease the succeeded counter'))
  }
  return faults
}
