import { jobs, type Job } from '../../../shared/api/batch.ts'
import { humanDuration } from '../../../shared/machinery/duration.ts'
import { containerColumns } from '../container-columns.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { dropDisabledTemplateFields } from '../pod-template.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { selectorColumn } from '../selector-columns.ts'
import { setJobDefaults } from './job-defaults.ts'
import { generateSelector } from './job-selector.ts'
import { validateJobStatus } from './job-status-validation.ts'
import { validateJobUpdate } from './job-update-validation.ts'
import { validateJob } from './job-validation.ts'
import { jobWarnings } from '../warnings/workload.ts'

export const job = defineResource(jobs, {
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.batch.v1.Job'),
  setDefaults: setJobDefaults,
  prepareForCreate: object => {
    if (!object.spec.manualSelector) generateSelector(object)
    object.status = {}
    startGeneration(object)
    dropDisabledTemplateFields(object.spec.template)
  },
  prepareForUpdate: (object, old) => {
    dropDisabledTemplateFields(object.spec.template)
    bumpGeneration(object, old)
  },
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings: (object, old) => jobWarnings(object, old, { spec: object.spec, path: 'spec' }),
  status: { validateUpdate: validateJobStatus },
  orphansByDefault: true,
  orphanWarning:
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  fields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', cell: printStatus },
    { name: 'Completions', type: 'string', cell: printCompletions },
    { name: 'Duration', type: 'string', cell: printDuration },
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
})

function printStatus({ metadata, status }: Job): string {
  const holds = (type: string) => status?.conditions?.find(condition => condition.type === type)?.status === 'True'
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running'
}

function printCompletions({ spec: { completions, parallelism = 0 }, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (completions !== undefined) return `${succeeded}/${completions}`
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function printDuration({ status }: Job, now: number): string {
  const { startTime, completionTime } = status ?? {}
  if (!startTime) return ''
  return humanDuration((completionTime ? Date.parse(completionTime) : now) - Date.parse(startTime))
}
