import { meetsRequiredAffinity } from '../../../shared/machinery/node-selector.ts'
import { untolerated } from '../../../shared/machinery/tolerations.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { isCritical } from '../critical.ts'
import { allContainers } from '../pod/pod-records.ts'
import type { AdmissionInput, Refusal, Shortage } from './admission.ts'
import { insufficientResources } from './insufficient-resource.ts'
import { portsConflict } from './host-ports.ts'
import { forbiddenSysctl } from './sysctls.ts'

const predicate = (name: string, description: string): Refusal => ({
  reason: name,
  message: `Predicate ${name} failed: ${description}`,
})

/**
 * Why a node can't take a pod that was bound to it: the first reason, in upstream's order and words
 * (pkg/kubelet/lifecycle/predicate.go; AdmissionCheck in pkg/scheduler/eventhandlers.go). The scheduler has looked at all
 * this before, but a pod may be bound without it, or two at the same time.
 */
export function refusalOf(input: AdmissionInput): Refusal | undefined {
  const { pod } = input
  const os = pod.metadata.labels?.['kubernetes.io/os']
  if (os !== undefined && os !== 'linux') {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
    return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message }
  }
  if (pod.spec.os && pod.spec.os.name !== 'linux') {
    const message = "Failed to admit pod as the OS field doesn't match node OS"
    return { reason: 'PodOSNotSupported', message }
  }
  // Docker leaves out the groups that an image gives a user only where the pod says the user's own group, too.
  if (pod.spec.securityContext?.supplementalGroupsPolicy === 'Strict') {
    const message = 'SupplementalGroupsPolicy=Strict is not supported in this node'
    return { reason: 'SupplementalGroupsPolicyNotSupported', message }
  }
  const sysctl = forbiddenSysctl(pod, input.allowedSysctls)
  if (sysctl) return sysctl
  const shortages = insufficientResources(input)
  if (shortages[0] && !isCritical(pod)) return outOf(shortages[0])
  const failed = failedPredicate(input)
  if (failed) return failed
  // No pod goes for one that can't be taken anyway.
  const noRoom = shortages.length > 0 ? input.makeRoom(shortages) : undefined
  if (noRoom) return noRoom
  if (input.appArmor === false && wantsAppArmor(pod))
    return { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' }
  return undefined
}

const outOf = ({ resource, requested, used, capacity }: Shortage): Refusal => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
})

function failedPredicate(input: AdmissionInput): Refusal | undefined {
  const { pod, node } = input
  if (!meetsRequiredAffinity(pod.spec, node))
    return predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  if (portsConflict(input)) return predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  const evicting = node.spec?.taints?.filter(({ effect }) => effect === 'NoExecute')
  if (untolerated(evicting, pod.spec.tolerations))
    return predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate")
  return undefined
}

/** pkg/security/apparmor, isRequired; without the annotations that were before the field. */
const wantsAppArmor = (pod: Pod): boolean =>
  [pod.spec, ...allContainers(pod)].some(
    ({ securityContext }) => (securityContext?.appArmorProfile?.type ?? 'Unconfined') !== 'Unconfined',
  )
