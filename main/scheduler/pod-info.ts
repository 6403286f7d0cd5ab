import type { Pod, PodSpec } from '../../shared/api/core.ts'
import { matchesRequirements, nothing, requirementsOf, type Requirement } from '../../shared/machinery/selectors.ts'
import { podRequests, scoredRequests, type Amounts } from './pod-requests.ts'

type PodAffinityTerm = NonNullable<
  NonNullable<NonNullable<PodSpec['affinity']>['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number]

/** A term of pod affinity or anti-affinity with its selectors parsed. */
export interface AffinityTerm {
  readonly namespaces: ReadonlySet<string>
  readonly namespaceSelector: readonly Requirement[]
  readonly selector: readonly Requirement[]
  readonly topologyKey: string
  /** 1 to 100 for a preference, 0 for what is required. */
  readonly weight: number
}

/** A port of the node that a pod takes. */
export interface HostPort {
  ip: string
  protocol: string
  port: number
}

/** A pod and what scheduling needs to know of it, worked out once per version of the pod. */
export interface PodInfo {
  readonly pod: Pod
  readonly uid: string
  readonly namespace: string
  readonly priority: number
  readonly requests: Amounts
  /** With minima for containers that ask for nothing; scores only. */
  readonly scored: Amounts
  readonly ports: readonly HostPort[]
  readonly requiredAffinity: readonly AffinityTerm[]
  readonly requiredAntiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly AffinityTerm[]
  readonly preferredAntiAffinity: readonly AffinityTerm[]
  /** Its claims, as `namespace/name`. */
  readonly claims: readonly string[]
}

const known = new WeakMap<Pod, PodInfo>()

export function podInfoOf(pod: Pod): PodInfo {
  let info = known.get(pod)
  if (!info) {
    info = parse(pod)
    known.set(pod, info)
  }
  return info
}

const none: readonly never[] = []

/** Most pods have nothing of most kinds, and there may be very many pods: they share one list. */
const orNone = <T>(list: readonly T[]) => (list.length === 0 ? none : list)

function parse(pod: Pod): PodInfo {
  const { metadata, spec } = pod
  const namespace = metadata.namespace ?? ''
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  const required = (terms: PodAffinityTerm[] | undefined) =>
    orNone((terms ?? []).map(term => parseTerm(term, namespace, 0)))
  const preferred = (terms: { podAffinityTerm: PodAffinityTerm; weight: number }[] | undefined) =>
    orNone((terms ?? []).map(({ podAffinityTerm, weight }) => parseTerm(podAffinityTerm, namespace, weight)))
  return {
    pod,
    uid: metadata.uid,
    namespace,
    priority: spec.priority ?? 0,
    requests: podRequests(pod),
    scored: scoredRequests(pod),
    ports: orNone(hostPorts(pod)),
    requiredAffinity: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAntiAffinity: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    claims: orNone(claimsOf(pod).map(claim => `${namespace}/${claim.name}`)),
  }
}

/** Without namespaces and without a selector of namespaces, the pod's own is meant. */
function parseTerm(term: PodAffinityTerm, namespace: string, weight: number): AffinityTerm {
  const { namespaces = [], namespaceSelector, labelSelector, topologyKey } = term
  return {
    namespaces: new Set(namespaces.length === 0 && !namespaceSelector ? [namespace] : namespaces),
    namespaceSelector: namespaceSelector ? requirementsOf(namespaceSelector) : nothing,
    selector: requirementsOf(labelSelector),
    topologyKey,
    weight,
  }
}

type Labels = Readonly<Record<string, string>> | undefined

/** Whether a term means a pod; `labelsOf` gives the labels of a namespace. */
export function termMatches(term: AffinityTerm, { pod, namespace }: PodInfo, labelsOf: (namespace: string) => Labels) {
  const isIn =
    term.namespaces.has(namespace) ||
    (term.namespaceSelector !== nothing && matchesRequirements(term.namespaceSelector, labelsOf(namespace)))
  return isIn && matchesRequirements(term.selector, pod.metadata.labels)
}

interface PodClaim {
  name: string
  isEphemeral: boolean
}

/** The claims that a pod's volumes name; those of ephemeral volumes are called after pod and volume. */
export function claimsOf({ metadata, spec }: Pod): PodClaim[] {
  return (spec.volumes ?? []).flatMap((volume): PodClaim[] => {
    if (volume.persistentVolumeClaim) return [{ name: volume.persistentVolumeClaim.claimName, isEphemeral: false }]
    return volume.ephemeral ? [{ name: `${metadata.name}-${volume.name}`, isEphemeral: true }] : []
  })
}

/** The host ports of containers and sidecars. */
function hostPorts({ spec }: Pod): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(container => container.restartPolicy === 'Always')
  return [...spec.containers, ...sidecars]
    .flatMap(container => container.ports ?? [])
    .flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort ? [{ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort }] : [],
    )
}
