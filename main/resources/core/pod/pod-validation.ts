import type { Pod, PodTemplateSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, forbidden, index, invalid, key } from '../../../../shared/machinery/field-errors.ts'
import { validateLabels } from '../../labels.ts'
import { validateAnnotations } from '../../object-meta.ts'
import { validateImageSpacing } from '../container/container-list-validation.ts'
import { validatePodSpec } from './pod-spec-validation.ts'

/** What is wrong with a new pod (ValidatePodCreate). */
export function validatePod(object: Pod): StatusCause[] {
  const { spec } = object
  const gated = 'cannot be set until all schedulingGates have been cleared'
  return [
    ...validatePodAndAnnotations(object),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(spec.nodeName && (spec.schedulingGates ?? []).length > 0 ? [forbidden('spec.nodeName', gated)] : []),
  ]
}

/** What new and changed pods are checked for alike (validatePodMetadataAndSpec). */
export function validatePodAndAnnotations(object: Pod): StatusCause[] {
  const { spec, metadata } = object
  const images = (['containers', 'initContainers'] as const).flatMap(list =>
    (spec[list] ?? []).flatMap((container, i) => validateImageSpacing(container, index(child('spec', list), i))),
  )
  const { serviceAccountName, volumes = [] } = spec
  const tokens = serviceAccountName
    ? []
    : volumes.flatMap((volume, i) => forbidTokens(volume, index('spec.volumes', i)))
  return [
    ...validateOwnAnnotations(object),
    ...validatePodSpec(spec, { path: 'spec', isPod: true, podName: metadata.name }),
    ...tokens,
    ...images,
  ]
}

/** What is wrong with a pod's annotations. */
export function validateOwnAnnotations({ metadata, spec }: Pod): StatusCause[] {
  return validatePodAnnotations(metadata.annotations ?? {}, {
    path: 'metadata.annotations',
    nodeName: spec.nodeName ?? '',
  })
}

function forbidTokens({ projected }: NonNullable<Pod['spec']['volumes']>[number], path: string): StatusCause[] {
  return (projected?.sources ?? []).flatMap((source, i) => {
    const at = child(index(child(path, 'projected', 'sources'), i), 'serviceAccountToken')
    return source.serviceAccountToken ? [forbidden(at, 'must not be specified when serviceAccountName is not set')] : []
  })
}

/** The annotation of a pod that shows a kubelet's static pod. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'

/** Annotations that mean something to Kubernetes (ValidatePodSpecificAnnotations). */
function validatePodAnnotations(
  annotations: Record<string, string>,
  rules: { path: string; nodeName: string },
): StatusCause[] {
  const { path, nodeName } = rules
  const mirror = annotations[mirrorAnnotation]
  const cost = annotations[deletionCost]
  const unbound = mirror !== undefined && !nodeName
  const costs = cost === undefined || (/^-?(0|[1-9]\d*)$/.test(cost) && Math.abs(Number(cost)) <= 2147483647)
  return [
    ...(unbound
      ? [invalid(key(path, mirrorAnnotation), mirror, 'must set spec.nodeName if mirror pod annotation is set')]
      : []),
    ...(costs ? [] : [invalid(key(path, deletionCost), cost, 'must be a 32bit integer')]),
  ]
}

/** What is wrong with a template of pods (ValidatePodTemplateSpec). */
export function validatePodTemplate({ metadata, spec }: PodTemplateSpec, path: string): StatusCause[] {
  const annotationsPath = child(path, 'annotations')
  const annotations = metadata?.annotations ?? {}
  const ephemeral = (spec?.ephemeralContainers ?? []).length > 0
  return [
    // Upstream leaves `metadata` out of these paths.
    ...validateLabels(metadata?.labels, child(path, 'labels')),
    ...validateAnnotations(annotations, annotationsPath),
    ...validatePodAnnotations(annotations, { path: annotationsPath, nodeName: spec?.nodeName ?? '' }),
    ...validatePodSpec(spec ?? { containers: [] }, { path: child(path, 'spec'), isPod: false, podName: '' }),
    ...(ephemeral
      ? [forbidden(child(path, 'spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template')]
      : []),
  ]
}
