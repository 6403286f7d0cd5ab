import type { PodSpec } from '../../../../shared/api/core.ts'
import { aggregateResources, isPodLevelResource } from '../../../../shared/machinery/pod-resources.ts'

/** Completes resources of the pod as a whole that are given in part (defaults.go defaultPodRequests, defaultHugePagePodLimits). */
export function defaultPodResources(spec: PodSpec): void {
  const { resources } = spec
  if (!resources) return
  const given = Object.keys(resources.limits ?? {}).length + Object.keys(resources.requests ?? {}).length
  if (given === 0) return
  const hugePages = Object.entries(aggregateResources(spec, 'limits')).filter(
    ([name]) => name.startsWith('hugepages-') && resources.requests?.[name] === undefined,
  )
  const limits = { ...Object.fromEntries(hugePages), ...resources.limits }
  if (Object.keys(limits).length === 0) return
  resources.limits = limits
  const shared = Object.entries(aggregateResources(spec, 'requests')).filter(
    ([name]) => name === 'cpu' || name === 'memory',
  )
  const limited = Object.entries(limits).filter(([name]) => isPodLevelResource(name))
  resources.requests = { ...Object.fromEntries(limited), ...Object.fromEntries(shared), ...resources.requests }
}
