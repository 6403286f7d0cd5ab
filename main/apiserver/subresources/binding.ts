import { pods, type Binding, type Pod } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { badRequest, conflict, invalid } from '../../../shared/machinery/status.ts'
import { binding as kind } from '../../resources/core/pod/binding.ts'
import type { Resource } from '../../resources/resource.ts'
import { answerValue } from '../codec/answer.ts'
import { readDecoded } from '../codec/body.ts'
import { decodeObject, fieldValidationOf } from '../codec/decode-object.ts'
import { kindOf } from '../registry/core.ts'
import { updateObject } from '../registry/update.ts'
import type { ServerResponse } from '../request.ts'
import { writeOf, type ResourceCall } from '../verbs/resource-call.ts'
import { admitPosted } from './admit.ts'
import type { Subresource } from './subresource.ts'

const bindingKind = { group: '', version: 'v1', kind: 'Binding' }

/** `pods/binding`: how a scheduler gives a pod its node (registry/core/pod/storage, BindingREST). */
export const bindingSubresource: Subresource = {
  name: 'binding',
  kind: 'Binding',
  verbs: {
    async create(call) {
      const binding = await readBinding(call)
      const { name } = binding.metadata
      if (name && name !== call.name) {
        throw badRequest(`name in URL does not match name in Binding object: ${call.name} vs ${name}`)
      }
      return bind(call, binding)
    },
  },
}

/** POST on `bindings`: the older way to say the same; the pod is the one that the Binding is named after. */
export async function createBinding(call: ResourceCall): Promise<ServerResponse> {
  const pod = call.core.index.find(pods)
  const binding = await readBinding(call)
  if (!pod) throw badRequest('pods are not served')
  return bind({ ...call, resource: pod, subresource: 'binding', name: binding.metadata.name }, binding)
}

async function readBinding({ context, name }: ResourceCall): Promise<Binding> {
  const validation = fieldValidationOf(context.request.query)
  const decoded = await readDecoded(context.request, { strict: validation !== 'Ignore' })
  const resource = kind as unknown as Resource
  const warn = (text: string) => context.warnings.push(text)
  const binding = decodeObject(decoded, { resource, validation, warn }) as Binding
  binding.metadata.name ||= name
  const causes = kind.validate?.(binding) ?? []
  if (causes.length > 0) throw invalid(kindOf(resource, binding.metadata.name), causes)
  return binding
}

async function bind(call: ResourceCall, binding: Binding): Promise<ServerResponse> {
  const core = await admitPosted(call, { object: binding, kind: bindingKind })
  await updateObject(core, writeOf(call), old => bound(call, old as Pod, binding))
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
  return answerValue(call.context.request, 201, status)
}

/** A pod that is bound, going or held back by scheduling gates is not bound again. */
function bound({ core, name }: ResourceCall, old: Pod, binding: Binding): Pod {
  const subject = { group: '', resource: 'pods/binding', name }
  const { uid, resourceVersion, annotations, labels } = binding.metadata
  if (uid && uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`
    throw conflict({ ...subject, resource: 'pods' }, why)
  }
  if (old.metadata.deletionTimestamp) {
    throw conflict(subject, `pod ${name} is being deleted, cannot be assigned to a host`)
  }
  if (old.spec.nodeName) throw conflict(subject, `pod ${name} is already assigned to node "${old.spec.nodeName}"`)
  if ((old.spec.schedulingGates?.length ?? 0) > 0) {
    throw conflict(subject, `pod ${name} has non-empty .spec.schedulingGates`)
  }
  const pod = structuredClone(old)
  if (resourceVersion) pod.metadata.resourceVersion = resourceVersion
  else delete pod.metadata.resourceVersion
  pod.spec.nodeName = binding.target.name ?? ''
  if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations }
  if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels }
  const others = (pod.status?.conditions ?? []).filter(condition => condition.type !== 'PodScheduled')
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: toTime(core.clock.now()) }
  pod.status = { ...pod.status, conditions: [...others, scheduled] }
  delete pod.status.nominatedNodeName // it has a node now (KEP-5278)
  return pod
}
