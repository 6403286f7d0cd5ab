import { nodes, type Node, type Pod } from '../../../shared/api/core.ts'
import { podRequests } from '../../../shared/machinery/pod-resources.ts'
import { compareQuantities, quantityMilli, quantityValue } from '../../../shared/machinery/quantity.ts'
import { forbidden, StatusError } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import { subjectOf } from '../registry/core.ts'
import { find } from '../registry/find.ts'
import type { AdmissionPlugin } from './admission.ts'

/** A pod can't be resized to what its node never has, nor on nodes without cgroups (plugin/pkg/admission/podresize). */
export function podResizeValidator(store: Store): AdmissionPlugin {
  return {
    name: 'PodResizeValidator',
    validate(request) {
      const { operation, resource, subresource, name } = request
      const { ref } = resource
      if (operation !== 'UPDATE' || ref.group !== '' || ref.resource !== 'pods' || subresource !== 'resize')
        return undefined
      const { metadata, spec } = request.object as Pod
      if (!spec.nodeName || metadata.generation === request.old?.metadata.generation) return undefined
      const node = find(store, nodes, { namespace: '', name: spec.nodeName })
      const refuse = (why: string) => forbidden(subjectOf(resource, name), why)
      if (!node) return refuse(`node "${spec.nodeName}" not found`)
      const os = node.metadata.labels?.['kubernetes.io/os']
      if (os !== undefined && os !== 'linux') {
        const why = `pod resize is only supported on linux nodes, node "${spec.nodeName}" is "${os}"`
        return withCause(refuse(why), 'UnsupportedPlatform')
      }
      const lacking = lack(spec, node)
      return lacking.length === 0
        ? undefined
        : withCause(refuse(`node didn't have enough allocatable resources: ${lacking.join('; ')}`), 'NodeCapacity')
    },
  }
}

/** What a node hasn't of what a pod asks for, with thousandths of CPUs and bytes. */
function lack(spec: Pod['spec'], { status }: Node): string[] {
  const requests = podRequests(spec)
  return (['cpu', 'memory'] as const).flatMap(name => {
    const [requested, allocatable] = [requests[name] ?? '0', status?.allocatable?.[name] ?? '0']
    if (compareQuantities(requested, allocatable) <= 0) return []
    const amount = name === 'cpu' ? quantityMilli : quantityValue
    return [`${name}, requested: ${amount(requested)}, allocatable: ${amount(allocatable)}`]
  })
}

/** A cause that has a reason only. */
function withCause({ status }: StatusError, reason: string): StatusError {
  const { details } = status
  return new StatusError({ ...status, details: { ...details, causes: [{ reason }] } })
}
