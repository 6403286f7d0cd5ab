import type { PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  notFoundValue,
  notSupported,
  required,
} from '../../../../shared/machinery/field-errors.ts'
import { inRange, isDns1123Label, isDns1123Subdomain } from '../../../../shared/machinery/names.ts'
import { invalidFor, oneOf, repeats } from '../../faults.ts'
import { validateLabels } from '../../labels.ts'
import { validateAffinity } from './affinity-validation.ts'
import { validateContainerLists } from '../container/container-list-validation.ts'
import { validateNaming } from './dns-validation.ts'
import { containersOf } from './pod-spec.ts'
import { validateContainerResources, validatePodResources } from '../container/resource-validation.ts'
import { validateGates, validatePreemption, validateSpread, validateTolerations } from './scheduling-validation.ts'
import { validatePodSecurity } from './security-validation.ts'
import { validateVolumes } from '../volume/volume-validation.ts'

interface SpecRules {
  path: string
  /** False for a template. */
  isPod: boolean
  /** '' for a template. */
  podName: string
}

/** What is wrong with the spec of a pod or of a template (pkg/apis/core/validation ValidatePodSpec). */
export function validatePodSpec(spec: PodSpec, { path, isPod, podName }: SpecRules): StatusCause[] {
  const at = (field: string) => child(path, field)
  const claimNames = (spec.resourceClaims ?? []).map(({ name }) => name).filter(name => name !== '')
  const { faults, valid: volumes } = validateVolumes(spec.volumes ?? [], { path: at('volumes'), podName, isPod })
  return [
    ...(spec.terminationGracePeriodSeconds === undefined ? [required(at('terminationGracePeriodSeconds'))] : []),
    ...faults,
    ...validateResourceClaims(spec, at('resourceClaims')),
    ...validateContainerLists(path, { spec, volumes, claimNames }),
    ...validatePodResources(spec, { path, claimNames }),
    ...validateHostNetworkPorts(spec, { path: at('containers'), isPod }),
    ...oneOf(at('restartPolicy'), spec.restartPolicy, ['Always', 'OnFailure', 'Never']),
    ...validateNaming(spec, path),
    ...validateLabels(spec.nodeSelector, at('nodeSelector')),
    ...validatePodSecurity(spec, path),
    ...(spec.affinity ? validateAffinity(spec.affinity, at('affinity')) : []),
    ...validateGates(spec, path),
    ...validateSpread(spec.topologySpreadConstraints ?? [], at('topologySpreadConstraints')),
    ...validateNames(spec, path),
    ...validateDeadline(spec.activeDeadlineSeconds, at('activeDeadlineSeconds')),
    ...validateTolerations(spec.tolerations ?? [], at('tolerations')),
    ...validatePreemption(spec.preemptionPolicy, at('preemptionPolicy')),
    ...(spec.overhead
      ? validateContainerResources({ limits: spec.overhead }, { path: at('overhead'), claimNames: [] })
      : []),
    ...validateOs(spec, path),
    ...validateFileKeyVolumes(spec, path),
  ]
}

function validateNames(spec: PodSpec, path: string): StatusCause[] {
  const names = {
    serviceAccountName: spec.serviceAccountName || undefined,
    nodeName: spec.nodeName || undefined,
    priorityClassName: spec.priorityClassName || undefined,
    runtimeClassName: spec.runtimeClassName,
  }
  return Object.entries(names).flatMap(([field, name]) =>
    name === undefined ? [] : invalidFor(child(path, field), name, isDns1123Subdomain(name)),
  )
}

function validateDeadline(seconds: number | undefined, path: string): StatusCause[] {
  return seconds === undefined ? [] : invalidFor(path, seconds, inRange({ value: seconds, min: 1, max: 2147483647 }))
}

function validateResourceClaims({ resourceClaims: claims = [] }: PodSpec, path: string): StatusCause[] {
  const repeated = repeats(claims, ({ name }) => name)
  return claims.flatMap((claim, i) => {
    const at = (field: string) => child(index(path, i), field)
    const { name, resourceClaimName, resourceClaimTemplateName } = claim
    const both = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
    const none = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'
    // Upstream prints its internal type, whose fields have no JSON names.
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    }
    const named = resourceClaimName !== undefined
    const templated = resourceClaimTemplateName !== undefined
    return [
      ...(!name
        ? [required(at('name'))]
        : repeated[i]
          ? [duplicate(at('name'), name)]
          : invalidFor(at('name'), name, isDns1123Label(name))),
      ...(named && templated ? [invalid(index(path, i), shown, both)] : []),
      ...(!named && !templated ? [invalid(index(path, i), shown, none)] : []),
      ...(named ? invalidFor(at('resourceClaimName'), resourceClaimName, isDns1123Subdomain(resourceClaimName)) : []),
      ...(templated
        ? invalidFor(
            at('resourceClaimTemplateName'),
            resourceClaimTemplateName,
            isDns1123Subdomain(resourceClaimTemplateName),
          )
        : []),
    ]
  })
}

/** On the host's network a container's port is the host's; a template may leave that to the pod's defaults. */
function validateHostNetworkPorts(spec: PodSpec, { path, isPod }: { path: string; isPod: boolean }): StatusCause[] {
  if (!spec.hostNetwork) return []
  const detail = 'must match `containerPort` when `hostNetwork` is true'
  return spec.containers.flatMap(({ ports = [] }, i) =>
    ports.flatMap(({ hostPort = 0, containerPort }, j) => {
      const at = child(index(child(index(path, i), 'ports'), j), 'hostPort')
      return (isPod || hostPort !== 0) && hostPort !== containerPort ? [invalid(at, hostPort, detail)] : []
    }),
  )
}

function validateOs(spec: PodSpec, path: string): StatusCause[] {
  if (!spec.os) return []
  const { name } = spec.os
  const at = child(path, 'os')
  if (!name) return [required(child(at, 'name'))]
  if (name !== 'linux' && name !== 'windows') return [notSupported(at, name, ['linux', 'windows'])]
  if (name === 'windows') return []
  const unfit = 'windows options cannot be set for a linux pod'
  const own = spec.securityContext?.windowsOptions
    ? [forbidden(child(path, 'securityContext', 'windowsOptions'), unfit)]
    : []
  const others = containersOf(spec, path).filter(({ container }) => container.securityContext?.windowsOptions)
  return [...own, ...others.map(other => forbidden(child(other.path, 'securityContext', 'windowsOptions'), unfit))]
}

/** Environment from a file is read from an emptyDir (KEP-3721). */
function validateFileKeyVolumes(spec: PodSpec, path: string): StatusCause[] {
  return containersOf(spec, path).flatMap(({ container, path: at }) =>
    (container.env ?? []).flatMap(({ valueFrom }, i) => {
      if (!valueFrom?.fileKeyRef) return []
      const { volumeName: name } = valueFrom.fileKeyRef
      const volumePath = child(index(child(at, 'env'), i), 'valueFrom', 'fileKeyRef', 'volumeName')
      const volume = spec.volumes?.find(other => other.name === name)
      if (!volume) return [notFoundValue(volumePath, name)]
      return volume.emptyDir ? [] : [invalid(volumePath, name, 'referenced volume must be of type emptyDir')]
    }),
  )
}
