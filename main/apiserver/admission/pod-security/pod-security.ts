import { namespaces, pods, type Namespace, type Pod } from '../../../../shared/api/core.ts'
import { forbidden, invalid, type StatusError } from '../../../../shared/machinery/status.ts'
import type { Store } from '../../../store/store.ts'
import { kindOf, subjectOf } from '../../registry/core.ts'
import { find } from '../../registry/find.ts'
import { prefixOf } from '../../registry/key.ts'
import { concerns, type AdmissionPlugin, type AdmissionRequest } from '../admission.ts'
import type { PodLike } from './containers.ts'
import {
  compareLevels,
  podPolicyOf,
  printLevel,
  validatePolicyLabels,
  type LevelVersion,
  type PodPolicy,
} from './pod-policy.ts'
import { hasTemplate, isSignificant, podOf, templateOf } from './pod-templates.ts'

/** Subresources of pods that change what runs; a resize does not, but it is looked at like upstream does. */
const podParts = ['', 'ephemeralcontainers', 'resize']

/**
 * Holds pods to the Pod Security Standards that the labels of their namespace ask for: pods are refused, the templates of
 * workloads only warned about, and new labels checked against the pods that are there (KEP-2579,
 * pod-security-admission/admission). Nothing is exempt, and nothing is asked of namespaces without labels.
 */
export function podSecurity(store: Store): AdmissionPlugin {
  const policyOf = ({ namespace }: AdmissionRequest) =>
    podPolicyOf(find(store, namespaces, { namespace: '', name: namespace })?.metadata.labels)
  return {
    name: 'PodSecurity',
    validate(request) {
      const { resource, subresource, object, old, operation } = request
      if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return undefined
      const { ref } = resource
      if (concerns(request, '', 'namespaces')) return checkNamespace(store, request)
      const isPod = ref.group === '' && ref.resource === 'pods' && podParts.includes(subresource)
      if (!isPod && (subresource !== '' || !hasTemplate(ref))) return undefined
      const policy = policyOf(request)
      if (!policy || (isPod && old && !isSignificant(object as Pod, old as Pod))) return undefined
      const pod = isPod ? podOf(object as Pod) : templateOf(ref, object)
      return pod && checkPod(request, pod, { policy, enforces: isPod })
    },
  }
}

async function checkPod(
  request: AdmissionRequest,
  pod: PodLike,
  { policy, enforces }: { policy: PodPolicy; enforces: boolean },
): Promise<StatusError | undefined> {
  const refused = enforces ? await faultsOf(pod, policy.enforce) : undefined
  if (refused) return forbidden(subjectOf(request.resource, request.name), `violates ${refused}`)
  const doubtful = await faultsOf(pod, policy.warn)
  if (doubtful) request.warn(`would violate ${doubtful}`)
  return undefined
}

/** `PodSecurity "baseline:latest": hostPort (...), privileged (...)`. The checks are loaded when someone asks for a level. */
async function faultsOf(pod: PodLike, level: LevelVersion): Promise<string | undefined> {
  if (level.level === 'privileged') return undefined
  const { violationsOf } = await import('./checks.ts')
  const violations = violationsOf(pod, level)
  if (violations.length === 0) return undefined
  const list = violations.map(({ reason, detail }) => `${reason} (${detail})`)
  return `PodSecurity "${printLevel(level)}": ${list.join(', ')}`
}

async function checkNamespace(store: Store, request: AdmissionRequest): Promise<StatusError | undefined> {
  const { resource, name, operation } = request
  const { labels } = (request.object as Namespace).metadata
  const before = request.old?.metadata.labels
  const faults = validatePolicyLabels(labels)
  if (faults.length > 0 && JSON.stringify(faults) !== JSON.stringify(validatePolicyLabels(before))) {
    return invalid(kindOf(resource, name), faults)
  }
  const level = podPolicyOf(labels)?.enforce
  if (operation === 'CREATE' || !level || !isStricter(level, podPolicyOf(before)?.enforce)) return undefined
  const { entries } = await store.list(prefixOf(pods, name))
  const { existingPodWarnings } = await import('./existing-pods.ts')
  const all = entries.map(({ object }) => object as Pod)
  for (const text of existingPodWarnings(name, all, level)) request.warn(text)
  return undefined
}

/** Whether it may refuse what was let in before. */
function isStricter(level: LevelVersion, before: LevelVersion = { level: 'privileged', minor: Infinity }): boolean {
  if (level.level === 'privileged') return false
  return level.minor !== before.minor || compareLevels(level, before) > 0
}
