import type { JobStatus } from '../../../shared/api/batch.ts'

/** Whether a condition of this type is true. */
export function jobHolds(status: JobStatus | undefined, type: string): boolean {
  return hasCondition(status, type, 'True')
}

/** Whether there is a condition of this type with this status. */
export function hasCondition(status: JobStatus | undefined, type: string, value: string): boolean {
  return (status?.conditions ?? []).some(condition => condition.type === type && condition.status === value)
}
