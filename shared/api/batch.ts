import type { V1CronJob } from '@kubernetes/client-node/dist/gen/models/V1CronJob.js'
import type { V1Job } from '@kubernetes/client-node/dist/gen/models/V1Job.js'
import type { StoredSpec } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface CronJob extends StoredSpec<V1CronJob> {}
export interface Job extends StoredSpec<V1Job> {}

export type JobSpec = Job['spec']
export type JobStatus = NonNullable<Job['status']>

const batch = { group: 'batch', version: 'v1' } as const

export const cronJobs: ResourceRef<CronJob> = { ...batch, resource: 'cronjobs', kind: 'CronJob', namespaced: true }
export const jobs: ResourceRef<Job> = { ...batch, resource: 'jobs', kind: 'Job', namespaced: true }
