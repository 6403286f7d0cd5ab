import type { Pod } from '../../../shared/api/core.ts'
import { badRequest, forbidden } from '../../../shared/machinery/status.ts'
import { subjectOf } from '../registry/core.ts'
import { concerns, type AdmissionPlugin } from './admission.ts'

/** The classes that every cluster has (pkg/apis/scheduling/v1/helpers.go). */
const systemClasses = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
])

/** Turns a pod's priorityClassName into its priority (plugin/pkg/admission/priority). */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate(request) {
    const { operation, object, old, resource, name } = request
    if (operation === 'DELETE' || !concerns(request, '', 'pods') || !object) return undefined
    const { spec } = object as Pod
    if (operation === 'UPDATE') {
      // Both are immutable; a client that leaves them out does not mean to remove them.
      const before = (old as Pod).spec
      if (before.priority !== undefined) spec.priority ??= before.priority
      if (before.preemptionPolicy !== undefined) spec.preemptionPolicy ??= before.preemptionPolicy
      return undefined
    }
    const className = spec.priorityClassName ?? ''
    const value = className === '' ? 0 : systemClasses.get(className)
    if (value === undefined)
      return forbidden(subjectOf(resource, name), `no PriorityClass with name ${className} was found`)
    if (spec.priority !== undefined && spec.priority !== value) {
      const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`
      return forbidden(subjectOf(resource, name), why)
    }
    const policy = spec.preemptionPolicy ?? 'PreemptLowerPriority'
    if (policy !== 'PreemptLowerPriority' && className !== '') {
      return badRequest(
        `the string value of PreemptionPolicy (${policy}) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name`,
      )
    }
    spec.priority = value
    spec.preemptionPolicy = policy
    return undefined
  },
}
