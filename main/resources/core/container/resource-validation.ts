import type { PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import {
  child,
  duplicate,
  forbidden,
  index,
  invalid,
  key,
  notFoundValue,
  notSupported,
  required,
} from '../../../../shared/machinery/field-errors.ts'
import { isDns1123Label, isQualifiedName } from '../../../../shared/machinery/names.ts'
import { aggregateResources, isPodLevelResource } from '../../../../shared/machinery/pod-resources.ts'
import { compareQuantities, parseQuantity } from '../../../../shared/machinery/quantity.ts'
import { invalidFor } from '../../faults.ts'
import { isExtendedResource, validateQuantity } from '../quantity-validation.ts'

type Resources = NonNullable<PodSpec['resources']>
type NameCheck = (name: string, path: string) => StatusCause[]

interface Rules {
  path: string
  /** Names of spec.resourceClaims. */
  claimNames: string[]
}

const isHugePages = (name: string) => name.startsWith('hugepages-')
/** More may be promised than there is (helper.IsOvercommitAllowed). */
export const isOvercommittable = (name: string) =>
  !isExtendedResource(name) && !name.includes('/') && !isHugePages(name)

/** Faults of what one container asks for (ValidateContainerResourceRequirements). */
export function validateContainerResources(resources: Resources, rules: Rules): StatusCause[] {
  return validateResources(resources, { ...rules, check: validateContainerResourceName })
}

function validateResources(
  resources: Resources,
  { path, claimNames, check }: Rules & { check: NameCheck },
): StatusCause[] {
  const { limits = {}, requests = {}, claims = [] } = resources
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  const hugePagesAlone = names.some(isHugePages) && !names.some(name => name === 'cpu' || name === 'memory')
  return [
    ...validateList(limits, { path: child(path, 'limits'), check }),
    ...validateList(requests, { path: child(path, 'requests'), check }),
    ...Object.entries(requests).flatMap(([name, value]) =>
      validateAgainstLimit({ name, value, limit: limits[name] }, path),
    ),
    ...(hugePagesAlone ? [forbidden(path, 'HugePages require cpu or memory')] : []),
    ...validateClaims(claims, { path: child(path, 'claims'), claimNames }),
  ]
}

function validateList(
  list: Record<string, string>,
  { path, check }: { path: string; check: NameCheck },
): StatusCause[] {
  return Object.entries(list).flatMap(([name, value]) => {
    const at = key(path, name)
    return [
      ...check(name, at),
      ...validateQuantity(name, value, at),
      ...(isHugePages(name) ? validateHugePages({ name, value }, at) : []),
    ]
  })
}

function validateAgainstLimit(
  request: { name: string; value: string; limit: string | undefined },
  path: string,
): StatusCause[] {
  const { name, value, limit } = request
  const requestsPath = child(path, 'requests')
  if (limit === undefined) {
    if (isOvercommittable(name)) return []
    return [required(child(path, 'limits'), 'Limit must be set for non overcommitable resources')]
  }
  const order = compareQuantities(value, limit)
  if (order !== 0 && !isOvercommittable(name))
    return [invalid(requestsPath, value, `must be equal to ${name} limit of ${limit}`)]
  return order > 0 ? [invalid(requestsPath, value, `must be less than or equal to ${name} limit of ${limit}`)] : []
}

/** A whole number of pages; the name carries their size. */
function validateHugePages({ name, value }: { name: string; value: string }, path: string): StatusCause[] {
  try {
    const size = parseQuantity(name.slice('hugepages-'.length)).nanos
    const divisible = size > 0n && parseQuantity(value).nanos % size === 0n
    return divisible ? [] : [invalid(path, value, `${value} is not positive integer multiple of ${name}`)]
  } catch {
    return [invalid(path, value, `invalid huge page unit size of ${name}`)]
  }
}

const computeResources = ['cpu', 'memory', 'ephemeral-storage']

/** Faults of the name of something that a container can have. */
export function validateContainerResourceName(name: string, path: string): StatusCause[] {
  const faults = validateResourceName(name, path)
  if (!name.includes('/')) {
    if (computeResources.includes(name) || isHugePages(name)) return faults
    return [...faults, invalid(path, name, 'must be a standard resource for containers')]
  }
  const foreign = !name.includes('kubernetes.io/')
  const fault = invalid(path, name, "doesn't follow extended resource name standard")
  return foreign && !isExtendedResource(name) ? [...faults, fault] : faults
}

/** Names without a domain that some kind of object may ask for (helper.IsStandardResourceName). */
const standardResources = new Set([
  ...computeResources,
  ...computeResources.flatMap(name => [`requests.${name}`, `limits.${name}`]),
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
])

/** Faults of the name of something that can be counted at all. */
export function validateResourceName(name: string, path: string): StatusCause[] {
  const faults = invalidFor(path, name, isQualifiedName(name))
  const known = name.includes('/') || standardResources.has(name) || /^(requests\.)?hugepages-/.test(name)
  return faults.length > 0 || known
    ? faults
    : [invalid(path, name, 'must be a standard resource type or fully qualified')]
}

function validateClaims(claims: NonNullable<Resources['claims']>, { path, claimNames }: Rules): StatusCause[] {
  const known = [...claimNames].sort()
  return claims.flatMap(({ name, request }, i) => {
    const at = index(path, i)
    if (!name) return [required(at)]
    const others = claims.slice(0, i).filter(claim => claim.name === name)
    const overlaps = others.some(claim => !claim.request || !request || claim.request === request)
    const missing = notFoundValue(at, name)
    const detail = known.length === 0 ? ' which is empty' : `: ${known.join(', ')}`
    return [
      ...(request ? invalidFor(child(at, 'request'), request, isDns1123Label(request)) : []),
      ...(overlaps
        ? [duplicate(at, request && others.every(claim => claim.request) ? `${name}/${request}` : name)]
        : []),
      ...(known.includes(name)
        ? []
        : [
            {
              ...missing,
              message: `${missing.message ?? ''}: must be one of the names in pod.spec.resourceClaims${detail}`,
            },
          ]),
    ]
  })
}

/** Faults of what a pod asks for as a whole (validatePodResources). */
export function validatePodResources(spec: PodSpec, { path, claimNames }: Rules): StatusCause[] {
  const { resources } = spec
  if (!resources) return []
  const at = child(path, 'resources')
  if (spec.os?.name === 'windows') return [forbidden(at, 'may not be set for a windows pod')]
  const claims = forbidden(child(at, 'claims'), 'claims may not be set for Resources at pod-level')
  return [
    ...(resources.claims ? [claims] : []),
    ...validateResources(resources, { path: at, claimNames, check: validatePodResourceName }),
    ...validateConsistency(spec, { resources, path: at }),
  ]
}

function validatePodResourceName(name: string, path: string): StatusCause[] {
  const faults = validateResourceName(name, path)
  if (faults.length > 0 || isPodLevelResource(name)) return faults
  return [notSupported(path, name, ['cpu', 'hugepages-', 'memory'])]
}

/** Containers together must fit into the pod. */
function validateConsistency(
  spec: PodSpec,
  { resources, path }: { resources: Resources; path: string },
): StatusCause[] {
  const { limits = {}, requests = {} } = resources
  const exceeds = (value: string, bound: string | undefined): bound is string =>
    bound !== undefined && compareQuantities(value, bound) > 0
  const requestFaults = Object.entries(aggregateResources(spec, 'requests')).flatMap(([name, value]) => {
    const bound = requests[name]
    const detail = `must be greater than or equal to aggregate container requests of ${value}`
    return exceeds(value, bound) ? [invalid(key(child(path, 'requests'), name), bound, detail)] : []
  })
  const hugePageFaults = Object.entries(aggregateResources(spec, 'limits')).flatMap(([name, value]) => {
    const bound = limits[name]
    const detail = `must be greater than or equal to aggregate container limits of ${value}`
    return isHugePages(name) && exceeds(value, bound) ? [invalid(key(child(path, 'limits'), name), bound, detail)] : []
  })
  const limitFaults = spec.containers.flatMap((container, i) =>
    Object.entries(container.resources?.limits ?? {}).flatMap(([name, value]) => {
      const bound = limits[name]
      const at = child(key(index(child(path, 'containers'), i), name), 'limits')
      return exceeds(value, bound) ? [invalid(at, value, `must be less than or equal to pod limits of ${bound}`)] : []
    }),
  )
  return [...requestFaults, ...hugePageFaults, ...limitFaults]
}
