import type { Job, JobSpec } from '../../../shared/api/batch.ts'
import { setTemplateDefaults } from '../pod-template.ts'

/**
 * pkg/apis/batch/v1/defaults.go SetDefaults_Job. A Job without labels shares those of its template: upstream's two maps
 * are one, and so the Job gets what is generated for the template, too.
 */
export function setJobDefaults(object: Job): void {
  const spec = ((object as Partial<Job>).spec ??= {} as JobSpec)
  setJobTemplateDefaults(spec)
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2147483647
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  spec.manualSelector ??= false
  const { labels } = spec.template.metadata ?? {}
  if (labels && Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = labels
}

/** What a Job's spec gets inside of a CronJob, too. */
export function setJobTemplateDefaults(spec: JobSpec): void {
  setTemplateDefaults(((spec as Partial<JobSpec>).template ??= {}))
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
  }
}
