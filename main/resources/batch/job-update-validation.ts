import type { Job, JobSpec } from '../../../shared/api/batch.ts'
import type { Container, PodSpec, PodTemplateSpec } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { immutable } from '../faults.ts'
import { validateJob } from './job-validation.ts'

const fixed = [
  'selector',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const

/** What is wrong with a changed Job (pkg/apis/batch/validation ValidateJobUpdate). */
export function validateJobUpdate(object: Job, old: Job): StatusCause[] {
  return [
    ...validateJob(object),
    ...validateCompletions(object.spec, old.spec),
    ...fixed.flatMap(field => same(child('spec', field), object.spec[field], old.spec[field])),
    ...validateTemplate(object.spec.template, old),
  ]
}

const same = (path: string, now: unknown, before: unknown) =>
  jsonEqual(now, before) ? [] : [invalid(path, now, immutable)]

/** An Indexed Job grows and shrinks with its parallelism (KEP-3715). */
function validateCompletions({ completionMode, completions, parallelism }: JobSpec, old: JobSpec): StatusCause[] {
  const path = 'spec.completions'
  if (completionMode !== 'Indexed') return same(path, completions, old.completions)
  if (completions === undefined || completions === old.completions || completions === parallelism) return []
  return [invalid(path, completions, 'can only be modified in tandem with spec.parallelism')]
}

/**
 * The template is fixed while pods may run. While the Job is suspended and has none, where its pods may go (KEP-2926) and
 * what resources they get (KEP-5440) can change.
 */
function validateTemplate(template: PodTemplateSpec, { spec, status }: Job): StatusCause[] {
  const suspended = status?.conditions?.some(({ type, status: holds }) => type === 'Suspended' && holds === 'True')
  const isOpen = spec.suspend === true && suspended === true && !status?.active
  if (!isOpen) return same('spec.template', template, spec.template)
  // Labels and annotations may change as well, so only the spec is compared.
  return same('spec.template.spec', template.spec, withChangesFrom(template.spec, spec.template.spec))
}

/** The old spec with the new one's scheduling directives and resources. */
function withChangesFrom(spec: PodSpec | undefined, old: PodSpec | undefined): PodSpec | undefined {
  if (!spec || !old) return old
  const { affinity, nodeSelector: _selector, tolerations: _tolerations, schedulingGates: _gates, ...rest } = old
  const { nodeAffinity: _nodeAffinity, ...otherAffinity } = affinity ?? {}
  const { affinity: wanted, nodeSelector, tolerations, schedulingGates } = spec
  const merged = { ...otherAffinity, ...(wanted?.nodeAffinity && { nodeAffinity: wanted.nodeAffinity }) }
  const keepsAffinity = wanted !== undefined || Object.keys(merged).length > 0
  return {
    ...rest,
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations && { tolerations }),
    ...(schedulingGates && { schedulingGates }),
    ...(keepsAffinity && { affinity: merged }),
    containers: withResources(rest.containers, spec.containers),
    ...(rest.initContainers && { initContainers: withResources(rest.initContainers, spec.initContainers ?? []) }),
  }
}

function withResources(old: Container[], wanted: Container[]): Container[] {
  if (old.length !== wanted.length) return old
  return old.map((container, i) => {
    const { resources: _resources, ...rest } = container
    const other = wanted[i]
    if (other?.name !== container.name) return container
    return { ...rest, ...(other.resources && { resources: other.resources }) }
  })
}
