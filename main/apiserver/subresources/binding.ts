import type { Binding, Pod } from '../../../shared/api/core.ts'
import { required, notSupported } from '../../../shared/machinery/field-errors.ts'
import { conflict, invalid } from '../../../shared/machinery/status.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { answerValue } from '../codec/answer.ts'
import { asObject, readDecoded } from '../codec/body.ts'
import { updateObject } from '../registry/update.ts'
import { writeOf, type ResourceCall } from '../verbs/resource-call.ts'
import type { Subresource } from './subresource.ts'

/** `pods/binding`: how a scheduler gives a pod its node (registry/core/pod/storage, BindingREST). */
export const bindingSubresource: Subresource = {
  name: 'binding',
  kind: 'Binding',
  verbs: {
    async create(call) {
      const decoded = await readDecoded(call.context.request, { strict: false })
      const binding = asObject(decoded?.value, 'Binding') as unknown as Partial<Binding>
      const node = checkedTarget(binding, call.name)
      await updateObject(call.core, writeOf(call), old => bound(call, { old: old as Pod, binding, node }))
      return answerValue(call.context.request, 201, {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        code: 201,
      })
    },
  },
}

function checkedTarget({ target }: Partial<Binding>, name: string): string {
  const faults = []
  if (target?.kind && target.kind !== 'Node') faults.push(notSupported('target.kind', target.kind, ['Node', '<empty>']))
  if (!target?.name) faults.push(required('target.name'))
  if (faults.length > 0) throw invalid({ group: '', kind: 'Binding', name }, faults)
  return target?.name ?? ''
}

/** A pod that is bound, going or held back by scheduling gates is not bound again. */
function bound(
  { core, name }: ResourceCall,
  { old, binding, node }: { old: Pod; binding: Partial<Binding>; node: string },
): Pod {
  const subject = { group: '', resource: 'pods/binding', name }
  const { uid, resourceVersion, annotations, labels } = binding.metadata ?? {}
  if (uid && uid !== old.metadata.uid) {
    throw conflict(
      { ...subject, resource: 'pods' },
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    )
  }
  if (old.metadata.deletionTimestamp)
    throw conflict(subject, `pod ${name} is being deleted, cannot be assigned to a host`)
  if (old.spec.nodeName) throw conflict(subject, `pod ${name} is already assigned to node "${old.spec.nodeName}"`)
  if ((old.spec.schedulingGates?.length ?? 0) > 0)
    throw conflict(subject, `pod ${name} has non-empty .spec.schedulingGates`)
  const pod = structuredClone(old)
  if (resourceVersion) pod.metadata.resourceVersion = resourceVersion
  else delete pod.metadata.resourceVersion
  pod.spec.nodeName = node
  if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations }
  if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels }
  const others = (pod.status?.conditions ?? []).filter(condition => condition.type !== 'PodScheduled')
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: toTime(core.clock.now()) }
  pod.status = { ...pod.status, conditions: [...others, scheduled] }
  return pod
}
