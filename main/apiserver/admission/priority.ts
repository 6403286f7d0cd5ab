import type { Pod } from '../../../shared/api/core.ts'
import { priorityClasses, type PriorityClass } from '../../../shared/api/scheduling.ts'
import { forbidden, type StatusError } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import { concerns, type AdmissionPlugin, type AdmissionRequest } from './admission.ts'
import type { DefaultClasses } from './default-classes.ts'

interface Options {
  store: Store
  classes: Pick<DefaultClasses, 'priority'>
}

/** Turns a pod's priorityClassName into its priority; keeps the default class the only one (plugin/pkg/admission/priority). */
export function priority({ store, classes }: Options): AdmissionPlugin {
  return {
    name: 'Priority',
    mutate(request) {
      if (!request.object || !concerns(request, '', 'pods')) return undefined
      if (request.operation === 'UPDATE') keepPriority(request.object as Pod, request.old as Pod)
      return request.operation === 'CREATE' ? setPriority(request, { store, classes }) : undefined
    },
    async validate(request) {
      if (!request.object || !concerns(request, 'scheduling.k8s.io', 'priorityclasses')) return undefined
      const own = request.object as PriorityClass
      if (!own.globalDefault) return undefined
      const [current] = await classes.priority.all()
      const clashes = current && (request.operation === 'CREATE' || current.metadata.name !== own.metadata.name)
      if (!clashes) return undefined
      const why = `PriorityClass ${current.metadata.name} is already marked as default. Only one default can exist`
      return forbidden(subjectOf(request.resource, request.name), why)
    },
  }
}

/** Both are immutable; a client that leaves them out does not mean to remove them. */
function keepPriority({ spec }: Pod, { spec: before }: Pod): void {
  if (before.priority !== undefined) spec.priority ??= before.priority
  if (before.preemptionPolicy !== undefined) spec.preemptionPolicy ??= before.preemptionPolicy
}

async function setPriority(
  { object, resource, name }: AdmissionRequest,
  { store, classes }: Options,
): Promise<StatusError | undefined> {
  const { spec } = object as Pod
  const refuse = (why: string) => forbidden(subjectOf(resource, name), why)
  const className = spec.priorityClassName ?? ''
  const [chosen] = className
    ? [find(store, priorityClasses, { namespace: '', name: className })]
    : await classes.priority.all()
  if (className && !chosen) return refuse(`no PriorityClass with name ${className} was found`)
  const { value = 0, preemptionPolicy = 'PreemptLowerPriority' } = chosen ?? {}
  if (spec.priority !== undefined && spec.priority !== value) {
    return refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    return refuse(
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    )
  }
  if (chosen) spec.priorityClassName = chosen.metadata.name
  spec.priority = value
  spec.preemptionPolicy = preemptionPolicy
  return undefined
}
