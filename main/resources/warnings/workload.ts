import type { PodTemplateSpec } from '../../../shared/api/core.ts'
import type { Job } from '../../../shared/api/batch.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { nameWarnings, templateWarnings } from './pod.ts'

/** Templates are looked at when they are new or may have changed. */
const isChanged = (object: KubeObject, old: KubeObject | undefined) =>
  old?.metadata.generation !== object.metadata.generation

interface Workload extends KubeObject {
  spec: { template?: PodTemplateSpec }
}

/** A kind with its template at `spec.template`. */
export function workloadWarnings(object: Workload, old: Workload | undefined): string[] {
  const { template } = object.spec
  return template && isChanged(object, old) ? templateWarnings(template, 'spec.template') : []
}

/** A kind whose pods' names begin with its own, which may be no DNS label. */
export function namingWarnings({ metadata }: KubeObject, old: KubeObject | undefined): string[] {
  return old ? [] : nameWarnings(metadata.name, 'Pod names and hostnames')
}

/** Above these an Indexed Job's status may grow too large. */
const [completionsLimit, parallelismLimit] = [100_000, 10_000]

/** The spec at `path` of a Job, or of what a CronJob makes (pkg/api/job WarningsForJobSpec). */
function jobSpecWarnings(spec: Job['spec'], path: string): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec
  const isHuge = completionMode === 'Indexed' && completions > completionsLimit && parallelism > parallelismLimit
  const size = 'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4'
  const effect = 'Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
  return [...(isHuge ? [`${path}: ${size}, ${effect}`] : []), ...templateWarnings(template, `${path}.template`)]
}

/** A Job or CronJob by its name and the Job spec at `path`. */
export function jobWarnings(
  object: KubeObject,
  old: KubeObject | undefined,
  { spec, path }: { spec: Job['spec']; path: string },
): string[] {
  return [...namingWarnings(object, old), ...(isChanged(object, old) ? jobSpecWarnings(spec, path) : [])]
}
