import type { CronJob, JobSpec } from '../../../shared/api/batch.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { CronError } from '../../../shared/machinery/cron-fields.ts'
import { parseCron } from '../../../shared/machinery/cron-schedule.ts'
import { invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { byteLength } from '../../../shared/machinery/names.ts'
import { isTimeZone } from '../../../shared/machinery/time-zone.ts'
import { nonNegative, oneOf } from '../faults.ts'
import { validateJobSpec } from './job-spec-validation.ts'

/** Its Jobs get a suffix of eleven characters, and a Job's name is a label. */
const nameLimit = 52

/** What is wrong with a new CronJob (pkg/apis/batch/validation ValidateCronJobCreate). */
export function validateCronJob(object: CronJob): StatusCause[] {
  const { name } = object.metadata
  const isLong = byteLength(name) > nameLimit
  return [
    ...validateSpec(object.spec, undefined),
    ...(isLong ? [invalid('metadata.name', name, 'must be no more than 52 characters')] : []),
  ]
}

/** What is wrong with a changed one: a time zone that was there stays, whatever has become of it. */
export function validateCronJobUpdate(object: CronJob, old: CronJob): StatusCause[] {
  return validateSpec(object.spec, old.spec)
}

type Spec = CronJob['spec']

function validateSpec(spec: Spec, old: Spec | undefined): StatusCause[] {
  const { startingDeadlineSeconds, successfulJobsHistoryLimit, failedJobsHistoryLimit, timeZone } = spec
  return [
    ...(spec.schedule ? validateSchedule(spec, old) : [required('spec.schedule')]),
    ...nonNegative('spec.startingDeadlineSeconds', startingDeadlineSeconds),
    ...(old && old.timeZone === timeZone ? [] : validateTimeZone(timeZone)),
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...validateTemplate(spec.jobTemplate.spec),
    ...nonNegative('spec.successfulJobsHistoryLimit', successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', failedJobsHistoryLimit),
  ]
}

function validateSchedule({ schedule, timeZone }: Spec, old: Spec | undefined): StatusCause[] {
  const path = 'spec.schedule'
  const problem = schedule.includes('TZ') ? zoneProblem(old, timeZone) : undefined
  return [
    ...scheduleProblems(schedule).map(text => invalid(path, schedule, text)),
    ...(problem === undefined ? [] : [invalid(path, schedule, problem)]),
  ]
}

function scheduleProblems(schedule: string): string[] {
  try {
    parseCron(schedule)
    return []
  } catch (error) {
    if (error instanceof CronError) return [error.message]
    throw error
  }
}

/** A zone in the schedule stays if it was there before. */
function zoneProblem(old: Spec | undefined, timeZone: string | undefined): string | undefined {
  if (!old?.schedule.includes('TZ')) return 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
  return timeZone === undefined ? undefined : 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
}

function validateTimeZone(zone: string | undefined): StatusCause[] {
  const path = 'spec.timeZone'
  if (zone === undefined) return []
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')]
  const unknown = invalid(path, zone, `unknown time zone ${zone}`)
  if (!zone.split('/').every(isZonePart)) return [unknown]
  const detail = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
  return [
    ...(zone.toLowerCase() === 'local' ? [invalid(path, zone, detail)] : []),
    ...(isTimeZone(zone) || zone === 'Local' ? [] : [unknown]),
  ]
}

/** https://data.iana.org/time-zones/theory.html#naming, with what older names hold. */
const isZonePart = (part: string) =>
  /^[A-Za-z.\-_0-9+]{1,14}$/.test(part) && !part.startsWith('-') && part !== '.' && part !== '..'

/** The Job gets its selector when it is made. */
function validateTemplate(spec: JobSpec | undefined): StatusCause[] {
  const path = 'spec.jobTemplate.spec'
  if (!spec) return []
  const { selector, manualSelector } = spec
  return [
    ...validateJobSpec(spec, path),
    ...(selector ? [invalid(`${path}.selector`, selector, '`selector` will be auto-generated')] : []),
    ...(manualSelector ? [notSupported(`${path}.manualSelector`, manualSelector, ['nil', 'false'])] : []),
  ]
}
