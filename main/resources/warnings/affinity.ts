import type { PodSpec } from '../../../shared/api/core.ts'
import { namedLabelWarnings, termWarnings } from './node-labels.ts'

/** Old labels in what a pod wants of nodes; `at` is the path of its spec. */
export function nodeAffinityWarnings({ affinity }: PodSpec, at: string): string[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, ...rest } = affinity?.nodeAffinity ?? {}
  const { preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = rest
  const path = `${at}.affinity.nodeAffinity`
  const requiredPath = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
  const preferredPath = `${path}.preferredDuringSchedulingIgnoredDuringExecution`
  return [
    ...(required?.nodeSelectorTerms ?? []).flatMap((term, i) => termWarnings(term, `${requiredPath}[${i}]`)),
    ...preferred.flatMap(({ preference }, i) => termWarnings(preference, `${preferredPath}[${i}].preference`, true)),
  ]
}

const matchesNothing = 'a null labelSelector results in matching no pod'

/** Spread constraints over old labels, and of no pods. */
export function spreadWarnings({ topologySpreadConstraints = [] }: PodSpec, at: string): string[] {
  return topologySpreadConstraints.flatMap(({ topologyKey, labelSelector }, i) => {
    const path = `${at}.topologySpreadConstraints[${i}]`
    return [
      ...namedLabelWarnings(topologyKey, `${path}.topologyKey`),
      ...(labelSelector ? [] : [`${path}.labelSelector: ${matchesNothing}`]),
    ]
  })
}

/** Affinities to no pods. */
export function podAffinityWarnings({ affinity }: PodSpec, at: string): string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap(kind => {
    const terms = affinity?.[kind]
    const path = `${at}.affinity.${kind}`
    const required = terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    const preferred = terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    const requiredPath = `${path}.requiredDuringSchedulingIgnoredDuringExecution`
    const preferredPath = `${path}.preferredDuringSchedulingIgnoredDuringExecution`
    return [
      ...required.flatMap(({ labelSelector }, i) =>
        labelSelector ? [] : [`${requiredPath}[${i}].labelSelector: ${matchesNothing}`],
      ),
      ...preferred.flatMap(({ podAffinityTerm }, i) =>
        podAffinityTerm.labelSelector
          ? []
          : [`${preferredPath}[${i}].podAffinityTerm.labelSelector: ${matchesNothing}`],
      ),
    ]
  })
}
