import type { Job } from '../../../shared/api/batch.ts'
import type { Container, Pod } from '../../../shared/api/core.ts'
import type { NewPod } from '../pod-control.ts'
import { completionIndex, ignoredIndexFailures, indexFailures, numberIn, trackingFinalizer } from './job-pods.ts'
import { isCountedFailure } from './observe.ts'

interface Place {
  index: number
  /** The failed pod that this one takes the place of. */
  replaced?: Pod | undefined
}

/** A pod for a Job, or for one index of it: labelled, named and told by it (pkg/controller/job/indexed_job_utils.go). */
export function podOf(job: Job, place?: Place): NewPod {
  const { metadata, spec } = job.spec.template
  const finalizers = [...new Set([...(metadata?.finalizers ?? []), trackingFinalizer])]
  if (!place) return { template: { metadata: { ...metadata, finalizers }, ...(spec && { spec }) } }
  const { index, replaced } = place
  const own = { [completionIndex]: String(index) }
  const annotations = { ...metadata?.annotations, ...own, ...failureCounts(job, replaced) }
  const { containers = [], initContainers } = spec ?? {}
  return {
    generateName: generateNameOf(job, index),
    template: {
      metadata: { ...metadata, finalizers, labels: { ...metadata?.labels, ...own }, annotations },
      spec: {
        ...spec,
        hostname: `${job.metadata.name}-${index}`,
        containers: containers.map(withIndex),
        ...(initContainers && { initContainers: initContainers.map(withIndex) }),
      },
    },
  }
}

const variable = 'JOB_COMPLETION_INDEX'

function withIndex(container: Container): Container {
  const { env = [] } = container
  if (env.some(({ name }) => name === variable)) return container
  const fieldRef = { fieldPath: `metadata.labels['${completionIndex}']` }
  return { ...container, env: [...env, { name: variable, valueFrom: { fieldRef } }] }
}

/** The API server appends five characters, and names have 63. */
const longestPrefix = 58

function generateNameOf({ metadata: { name } }: Job, index: number): string {
  const suffix = `-${index}-`
  return name.slice(0, longestPrefix - suffix.length) + suffix
}

/** How often the index has failed, on from the pod that failed last (KEP-3850). */
function failureCounts(job: Job, replaced: Pod | undefined): Record<string, string> {
  if (job.spec.backoffLimitPerIndex === undefined) return {}
  if (!replaced) return { [indexFailures]: '0' }
  const counted = isCountedFailure(replaced, job)
  const failed = (numberIn(replaced, indexFailures) ?? 0) + (counted ? 1 : 0)
  const ignored = (numberIn(replaced, ignoredIndexFailures) ?? 0) + (counted ? 0 : 1)
  return { [indexFailures]: String(failed), ...(ignored > 0 && { [ignoredIndexFailures]: String(ignored) }) }
}
