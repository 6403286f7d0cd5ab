import type { Container, Pod, PodSpec, PodTemplateSpec } from '../../../shared/api/core.ts'
import { child, key, quote } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Label } from '../../../shared/machinery/names.ts'
import { appArmorAnnotation, appArmorProfileOf } from '../core/pod/app-armor.ts'
import { containersOf } from '../core/pod/pod-spec.ts'
import { ipWarnings } from './addresses.ts'
import { fractionWarnings } from './fractions.ts'
import { nodeAffinityWarnings, podAffinityWarnings, spreadWarnings } from './affinity.ts'
import { nodeLabelWarnings } from './node-labels.ts'
import { portWarnings } from './ports.ts'
import { volumeWarnings } from './volumes.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'

/** A new pod (podStrategy.WarningsOnCreate); changes of pods are made by programs and answered with none. */
export function podWarnings({ metadata, spec }: Pod): string[] {
  return [...nameWarnings(metadata.name, "the Pod's hostname"), ...specWarnings(spec, metadata.annotations ?? {}, '')]
}

/** A name that is used where only a DNS label does well; `use` says where. */
export function nameWarnings(name: string, use: string): string[] {
  const faults = isDns1123Label(name)
  if (faults.length === 0) return []
  const effect = `this is used in ${use}, which can result in surprising behavior`
  return [`metadata.name: ${effect}; a DNS label is recommended: [${faults.join(' ')}]`]
}

/** The template of a workload at `path` (pkg/api/pod GetWarningsForPodTemplate). */
export function templateWarnings({ metadata, spec }: PodTemplateSpec, path: string): string[] {
  if (!spec) return []
  const annotations = metadata?.annotations ?? {}
  return [
    ...specWarnings(spec, annotations, path),
    ...containersOf(spec).flatMap(({ container }) => appArmorWarnings(spec, container, { annotations, path })),
  ]
}

type Annotations = Readonly<Record<string, string>>

const oldAnnotations = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}
const podSeccomp = 'seccomp.security.alpha.kubernetes.io/pod'
const containerSeccomp = 'container.seccomp.security.alpha.kubernetes.io/'
const useSeccompField = 'non-functional in v1.27+; use the "seccompProfile" field instead'
const inBytes = ['memory', 'ephemeral-storage']

function specWarnings(spec: PodSpec, annotations: Annotations, path: string): string[] {
  const at = child(path, 'spec')
  const annotation = (name: string) => key(child(path, 'metadata', 'annotations'), name)
  const containers = containersOf(spec, at)
  const { nodeSelector = {}, volumes = [], hostAliases = [], imagePullSecrets = [] } = spec
  const negative = 'must be >= 0; negative values are invalid and will be treated as 1'
  return [
    ...Object.keys(nodeSelector).flatMap(label => nodeLabelWarnings(label, `${at}.nodeSelector[${label}]`)),
    ...nodeAffinityWarnings(spec, at),
    ...spreadWarnings(spec, at),
    ...Object.entries(oldAnnotations)
      .filter(([name]) => Object.hasOwn(annotations, name))
      .map(([name, why]) => `${annotation(name)}: ${why}`),
    ...volumeWarnings(`${at}.volumes`, volumes),
    ...repeated(
      hostAliases,
      ({ ip }) => ip,
      i => `${at}.hostAliases[${i}].ip: duplicate ip`,
    ),
    ...repeated(
      imagePullSecrets,
      ({ name = '' }) => name,
      i => `${at}.imagePullSecrets[${i}].name: duplicate name`,
    ),
    ...imagePullSecrets.flatMap(({ name }, i) =>
      name ? [] : [`${at}.imagePullSecrets[${i}].name: invalid empty name ""`],
    ),
    ...fractionWarnings(`${at}.overhead`, spec.overhead, inBytes),
    ...(Object.hasOwn(annotations, podSeccomp) && !spec.securityContext?.seccompProfile
      ? [`${annotation(podSeccomp)}: ${useSeccompField}`]
      : []),
    ...containers.flatMap(each => [
      ...(Object.hasOwn(annotations, containerSeccomp + each.container.name) &&
      !each.container.securityContext?.seccompProfile
        ? [`${annotation(containerSeccomp + each.container.name)}: ${useSeccompField}`]
        : []),
      ...containerWarnings(each.container, each.path),
    ]),
    ...portWarnings(containers),
    ...((spec.terminationGracePeriodSeconds ?? 0) < 0 ? [`${at}.terminationGracePeriodSeconds: ${negative}`] : []),
    ...podAffinityWarnings(spec, at),
    ...(spec.dnsConfig?.nameservers ?? []).flatMap((ip, i) => ipWarnings(`${at}.dnsConfig.nameservers[${i}]`, ip)),
    ...hostAliases.flatMap(({ ip }, i) => ipWarnings(`${at}.hostAliases[${i}].ip`, ip)),
  ]
}

/** What a list has twice, with the value. */
function repeated<T>(list: readonly T[], of: (item: T) => string, say: (i: number) => string): string[] {
  const seen = new Set<string>()
  return list.flatMap((item, i) => {
    const value = of(item)
    if (seen.has(value)) return [`${say(i)} ${quote(value)}`]
    seen.add(value)
    return []
  })
}

function containerWarnings({ resources, env = [] }: Container, path: string): string[] {
  return [
    ...fractionWarnings(`${path}.resources.limits`, resources?.limits, inBytes),
    ...fractionWarnings(`${path}.resources.requests`, resources?.requests, inBytes),
    ...(env.length > 1 ? hidingWarnings(env, path) : []),
  ]
}

/** A variable may be defined again only out of what it was: apply merges by name and would lose one of them. */
function hidingWarnings(env: NonNullable<Container['env']>, path: string): string[] {
  const seen = new Set<string>()
  return env.flatMap(({ name, value = '', valueFrom }, i) => {
    const before = `$(${name})`
    const hides = valueFrom !== undefined || value === before || !value.includes(before)
    if (seen.has(name) && hides) {
      const loss = 'which may be dropped when using apply'
      return [`${path}.env[${i}]: hides previous definition of ${quote(name)}, ${loss}`]
    }
    seen.add(name)
    return []
  })
}

function appArmorWarnings(
  { securityContext }: PodSpec,
  container: Container,
  { annotations, path }: { annotations: Annotations; path: string },
): string[] {
  const name = appArmorAnnotation(container)
  const value = annotations[name]
  if (value === undefined || container.securityContext?.appArmorProfile) return []
  const ofPod = securityContext?.appArmorProfile
  if (ofPod && jsonEqual(ofPod, appArmorProfileOf(value))) return []
  const at = key(child(path, 'metadata', 'annotations'), name)
  return [`${at}: deprecated since v1.30; use the "appArmorProfile" field instead`]
}
