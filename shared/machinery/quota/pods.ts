import { pods, type Container, type Pod } from '../../api/core.ts'
import { jsonEqual } from '../json-value.ts'
import { aggregateResources } from '../pod-resources.ts'
import { compareQuantities } from '../quantity.ts'
import { addResources, maxResources, pickResources, type ResourceList } from '../resource-list.ts'
import { countName, type QuotaEvaluator } from './evaluator.ts'
import { isPodInScope, isTerminating } from './pod-scopes.ts'

const count = countName(pods)
const requests = 'requests.'
const compute = ['cpu', 'memory', 'ephemeral-storage']
const names = new Set([count, 'pods', ...compute.flatMap(name => [name, requests + name, `limits.${name}`])])
/** What every container has to ask for if it is limited, as it was decided before there were QoS classes. */
const required = ['cpu', 'memory'].flatMap(name => [name, requests + name, `limits.${name}`])

/** Pods and what they ask for, until they end (pkg/quota/v1/evaluator/core/pods.go). */
export const podQuota: QuotaEvaluator<Pod> = {
  counts: name => names.has(name) || /^(requests\.)?hugepages-/.test(name) || isExtendedInQuota(name),
  handles({ operation, subresource, object, old }) {
    if (subresource === 'resize') return operation === 'UPDATE'
    if (subresource !== '') return false
    const moved = operation === 'UPDATE' && old !== undefined && isTerminating(object.spec) !== isTerminating(old.spec)
    return operation === 'CREATE' || moved
  },
  usage: (pod, now) => (isCharged(pod, now) ? { [count]: '1', ...charged(askedBy(pod)) } : { [count]: '1' }),
  isInScope: isPodInScope,
  lacks: missing,
  frees: (pod, before, now) =>
    isTerminating(pod.spec) !== isTerminating(before.spec) ||
    (isCharged(before, now) && !isCharged(pod, now)) ||
    !jsonEqual(resourcesInUse(pod), resourcesInUse(before)),
}

/** `requests.example.com/gpu`: extended resources are limited by their requests only. */
function isExtendedInQuota(name: string): boolean {
  if (!name.startsWith(requests)) return false
  return (name.includes('/') && !name.includes('kubernetes.io/')) || name.startsWith(`${requests}${deviceClassPrefix}`)
}

/** Extended resources that stand for a device class (KEP-5004). */
const deviceClassPrefix = 'deviceclass.resource.kubernetes.io/'

/** False once it has ended, or should have: a lost node must not keep others from starting. */
function isCharged({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

interface Asked {
  requests: ResourceList
  limits: ResourceList
}

/** What the pod takes: containers together, the pod as a whole before those, its overhead (PodRequests, PodLimits). */
function askedBy({ spec, status }: Pod): Asked {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  const infeasible = status?.conditions?.some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  )
  // While a container is resized, the larger of what it has and what it shall have counts (KEP-1287).
  const of = (list: 'requests' | 'limits') => (container: Container) => {
    const wanted = container.resources?.[list] ?? {}
    const isInit = spec.initContainers?.includes(container) && container.restartPolicy !== 'Always'
    const seen = isInit ? undefined : statuses.find(({ name }) => name === container.name)
    if (!seen?.resources) return wanted
    const actual = seen.resources[list] ?? {}
    const given = list === 'requests' ? maxResources(actual, seen.allocatedResources ?? {}) : actual
    return infeasible ? given : maxResources(wanted, given)
  }
  const whole = (list: 'requests' | 'limits') =>
    pickResources(spec.resources?.[list] ?? {}, name => /^(cpu|memory|hugepages-.*)$/.test(name))
  const limits = { ...aggregateResources(spec, 'limits', of('limits')), ...whole('limits') }
  const overhead = spec.overhead ?? {}
  return {
    requests: addResources({ ...aggregateResources(spec, 'requests', of('requests')), ...whole('requests') }, overhead),
    limits: addResources(
      limits,
      pickResources(overhead, name => compareQuantities(limits[name] ?? '0', '0') !== 0),
    ),
  }
}

/** What is asked for under the names that quotas have for it. */
function charged({ requests: asked, limits }: Asked): ResourceList {
  const entries = [
    ...Object.entries(asked).flatMap(([name, amount]) => {
      if (compute.includes(name) || name.startsWith('hugepages-'))
        return [
          [name, amount],
          [requests + name, amount],
        ]
      return isExtendedInQuota(requests + name) ? [[requests + name, amount]] : []
    }),
    ...Object.entries(limits).flatMap(([name, amount]) => (compute.includes(name) ? [[`limits.${name}`, amount]] : [])),
  ]
  return { pods: '1', ...(Object.fromEntries(entries) as ResourceList) }
}

function missing(limited: readonly string[], { spec }: Pod): string | undefined {
  const whole = { ...spec.resources?.requests, ...spec.resources?.limits }
  if (Object.keys(whole).some(name => /^(cpu|memory|hugepages-.*)$/.test(name))) return undefined
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name, resources }) => ({
    name,
    has: charged({ requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }),
  }))
  const faults = required
    .filter(name => limited.includes(name))
    .sort()
    .flatMap(name => {
      const without = containers.filter(({ has }) => has[name] === undefined).map(container => container.name)
      return without.length > 0 ? [`${name} for: ${[...new Set(without)].sort().join(',')}`] : []
    })
  return faults.length > 0 ? `must specify ${faults.join('; ')}` : undefined
}

/** What the containers have, by name. */
function resourcesInUse({ status }: Pod) {
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  return Object.fromEntries(statuses.map(({ name, resources }) => [name, resources ?? null]))
}
