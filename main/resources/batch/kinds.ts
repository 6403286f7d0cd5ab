import { anyKind, type Resource } from '../resource.ts'
import { cronJob } from './cron-job.ts'
import { job } from './job.ts'

export const batchKinds: readonly Resource[] = [anyKind(cronJob), anyKind(job)]
