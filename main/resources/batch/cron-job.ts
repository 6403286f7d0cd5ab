import { cronJobs, type CronJob, type JobSpec } from '../../../shared/api/batch.ts'
import { ageOf } from '../../../shared/machinery/duration.ts'
import { formatLabelSelector } from '../../../shared/machinery/selectors.ts'
import { containerColumnsOf } from '../container-columns.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { dropDisabledTemplateFields } from '../pod-template.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { validateCronJob, validateCronJobUpdate } from './cron-job-validation.ts'
import { setJobTemplateDefaults } from './job-defaults.ts'
import { jobWarnings } from '../warnings/workload.ts'

const jobSpecOf = ({ spec }: CronJob) => (spec.jobTemplate.spec ??= {} as JobSpec)

export const cronJob = defineResource(cronJobs, {
  shortNames: ['cj'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.batch.v1.CronJob'),
  setDefaults,
  prepareForCreate: object => {
    object.status = {}
    startGeneration(object)
    dropDisabledTemplateFields(jobSpecOf(object).template)
  },
  prepareForUpdate: (object, old) => {
    dropDisabledTemplateFields(jobSpecOf(object).template)
    bumpGeneration(object, old)
  },
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  warnings,
  status: {},
  columns: [
    nameColumn,
    { name: 'Schedule', type: 'string', cell: ({ spec }) => spec.schedule },
    { name: 'Timezone', type: 'string', cell: ({ spec }) => spec.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'boolean', cell: ({ spec }) => (spec.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'integer', cell: ({ status }) => status?.active?.length ?? 0 },
    { name: 'Last Schedule', type: 'string', cell: printLastSchedule },
    ageColumn,
    ...containerColumnsOf<CronJob>(({ spec }) => spec.jobTemplate.spec?.template),
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      cell: ({ spec }) => formatLabelSelector(spec.jobTemplate.spec?.selector),
    },
  ],
})

/** pkg/apis/batch/v1/defaults.go SetDefaults_CronJob. */
function setDefaults(object: CronJob): void {
  const spec = ((object as Partial<CronJob>).spec ??= {} as CronJob['spec'])
  // Absent in what a client sent, whatever the types of stored objects say.
  const sent = spec as Partial<CronJob['spec']>
  sent.schedule ??= ''
  sent.jobTemplate ??= {}
  setJobTemplateDefaults(jobSpecOf(object))
  spec.concurrencyPolicy ||= 'Allow'
  spec.suspend ??= false
  spec.successfulJobsHistoryLimit ??= 3
  spec.failedJobsHistoryLimit ??= 1
}

function printLastSchedule({ status }: CronJob, now: number): string {
  return status?.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : '<none>'
}

function warnings(object: CronJob, old: CronJob | undefined): string[] {
  const { schedule, jobTemplate } = object.spec
  const page = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/'
  const zone = `cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ${page} for more details`
  return [
    ...jobWarnings(object, old, { spec: jobTemplate.spec ?? { template: {} }, path: 'spec.jobTemplate.spec' }),
    ...(old && schedule.includes('TZ') ? [zone] : []),
  ]
}
