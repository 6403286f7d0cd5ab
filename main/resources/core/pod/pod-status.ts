import type { ContainerStatus, Pod } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, index, invalid } from '../../../../shared/machinery/field-errors.ts'
import { parseIp } from '../../../../shared/machinery/ip.ts'
import { isDns1123Subdomain, isQualifiedName } from '../../../../shared/machinery/names.ts'
import { immutable, invalidFor } from '../../faults.ts'
import { validateIp } from '../../ip-faults.ts'
import { isSidecar } from './pod-spec.ts'

/** What a write to `/status` can't touch or forgets (podStatusStrategy.PrepareForUpdate). */
export function preparePodStatus(object: Pod, old: Pod): void {
  const { ownerReferences } = old.metadata
  delete object.metadata.ownerReferences
  if (ownerReferences) object.metadata.ownerReferences = structuredClone(ownerReferences)
  const status = (object.status ??= {})
  const before = old.status ?? {}
  if (before.qosClass !== undefined) status.qosClass ||= before.qosClass
  if (before.observedGeneration !== undefined) status.observedGeneration ||= before.observedGeneration
  for (const condition of status.conditions ?? []) {
    const known = before.conditions?.find(({ type }) => type === condition.type)?.observedGeneration
    if (known !== undefined) condition.observedGeneration ||= known
  }
  // The old field and the first of the new list always say the same (Convert_v1_PodStatus_To_core_PodStatus).
  if (status.podIP && (status.podIPs ?? []).length === 0) status.podIPs = [{ ip: status.podIP }]
  const first = status.podIPs?.[0]?.ip
  if (first !== undefined) status.podIP = first
}

/** What is wrong with a change of a pod's status (ValidatePodStatusUpdate). */
export function validatePodStatus(object: Pod, old: Pod): StatusCause[] {
  const status = object.status ?? {}
  const before = old.status ?? {}
  const { qosClass, observedGeneration = 0 } = status
  return [
    ...validateConditions(status.conditions ?? []),
    ...validateNominatedNode(object, old),
    ...(observedGeneration < 0
      ? [invalid('status.observedGeneration', observedGeneration, 'must be a non-negative integer')]
      : []),
    ...(qosClass === before.qosClass ? [] : [invalid('status.qosClass', qosClass ?? '', immutable)]),
    ...validateTransitions(object, old),
    ...validateIps(status.podIPs ?? [], { path: 'status.podIPs', known: before.podIPs ?? [] }),
    ...validateHostIps(status, before),
  ]
}

type Status = NonNullable<Pod['status']>

function validateConditions(conditions: NonNullable<Status['conditions']>): StatusCause[] {
  return conditions.flatMap(({ type, observedGeneration = 0 }, i) => {
    const at = (field: string) => child(index('status.conditions', i), field)
    const own = ['PodScheduled', 'Ready', 'Initialized'].includes(type)
    return [
      ...(observedGeneration < 0
        ? [invalid(at('observedGeneration'), observedGeneration, 'must be a non-negative integer')]
        : []),
      // The capital is upstream's.
      ...(own ? [] : invalidFor(at('Type'), type, isQualifiedName(type))),
    ]
  })
}

function validateNominatedNode({ status }: Pod, old: Pod): StatusCause[] {
  const name = status?.nominatedNodeName ?? ''
  const path = 'status.nominatedNodeName'
  if (name === '' || name === (old.status?.nominatedNodeName ?? '')) return []
  const bound = forbidden(path, 'may not be set on pods that are already bound to a node')
  return [...invalidFor(path, name, isDns1123Subdomain(name)), ...(old.spec.nodeName ? [bound] : [])]
}

/** A container that has ended runs again only where the spec lets it. */
function validateTransitions(object: Pod, old: Pod): StatusCause[] {
  const { spec } = old
  const rules = [...spec.containers, ...(spec.initContainers ?? [])].flatMap(
    container => container.restartPolicyRules ?? [],
  )
  if (rules.some(({ action }) => action === 'RestartAllContainers')) return []
  return (['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const).flatMap(list => {
    const now = object.status?.[list] ?? []
    return (old.status?.[list] ?? []).flatMap((before, i) => {
      const after = now.find(({ name }) => name === before.name)
      const ended = before.state?.terminated
      if (!ended || !after || after.state?.terminated) return []
      if (list !== 'ephemeralContainerStatuses' && mayRestart(old, before)) return []
      const path = child(index(child('status', list), i), 'state')
      return [forbidden(path, 'may not be transitioned to non-terminated state')]
    })
  })
}

/** Rules of the container first, then its own policy, then the pod's (pkg/api/v1/pod ContainerShouldRestart). */
function mayRestart({ spec }: Pod, { name, state }: ContainerStatus): boolean {
  const container = [...spec.containers, ...(spec.initContainers ?? [])].find(other => other.name === name)
  if (!container) return false
  const exitCode = state?.terminated?.exitCode ?? 0
  const matched = (container.restartPolicyRules ?? []).some(({ exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) ?? false
    return exitCodes?.operator === 'In' ? listed : exitCodes?.operator === 'NotIn' && !listed
  })
  if (matched || isSidecar(container)) return true
  const policy = container.restartPolicy ?? spec.restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

interface IpRules {
  path: string
  known: { ip?: string }[]
}

/** At most one address of each family. */
function validateIps(ips: { ip?: string }[], { path, known }: IpRules): StatusCause[] {
  const families = new Set(ips.map(({ ip = '' }) => parseIp(ip)?.family))
  // Upstream prints its internal type, whose fields have no JSON names.
  const shown = ips.map(({ ip }) => ({ IP: ip }))
  const many = ips.length > 1 && (families.size < 2 || ips.length > 2)
  return [
    ...ips.flatMap(({ ip = '' }, i) => (known.some(old => old.ip === ip) ? [] : validateIp(index(path, i), ip))),
    ...(many ? [invalid(path, shown, 'may specify no more than one IP for each IP family')] : []),
  ]
}

function validateHostIps({ hostIP = '', hostIPs = [] }: Status, before: Status): StatusCause[] {
  const first = hostIPs[0]?.ip ?? ''
  const mismatch = hostIPs.length > 0 && first !== hostIP
  return [
    ...(mismatch ? [invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`')] : []),
    ...validateIps(hostIPs, { path: 'status.hostIPs', known: before.hostIPs ?? [] }),
  ]
}
