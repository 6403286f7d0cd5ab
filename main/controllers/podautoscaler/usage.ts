import type { Pod } from '../../../shared/api/core.ts'
import { aggregateResources } from '../../../shared/machinery/pod-resources.ts'
import { quantityMilli } from '../../../shared/machinery/quantity.ts'
import type { Samples } from './replica-calculator.ts'

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** What pods use on average, in thousandths (podautoscaler/metrics/utilization.go). */
export function averageOf(samples: Samples): number {
  return Math.trunc(sum([...samples.values()].map(({ value }) => value)) / samples.size)
}

/** Percent of what the measured pods ask for that they use, and their average. Throws if none of them is known. */
export function utilizationOf(samples: Samples, requests: ReadonlyMap<string, number>) {
  const known = new Map([...samples].filter(([pod]) => requests.has(pod)))
  const requested = sum([...known.keys()].map(pod => requests.get(pod) ?? 0))
  if (requested === 0) throw new Error('no metrics returned matched known pods')
  const used = sum([...known.values()].map(({ value }) => value))
  return { percent: Math.trunc((used * 100) / requested), average: averageOf(known) }
}

interface Requested {
  resource: string
  /** Only this container's; the whole pod's if undefined. */
  container: string | undefined
}

/** What each pod asks for of a resource, in thousandths. Throws if one does not say (calculateRequests). */
export function requestsOf(pods: readonly Pod[], requested: Requested): Map<string, number> {
  return new Map(pods.map(pod => [pod.metadata.name, requestOf(pod, requested)]))
}

function requestOf({ metadata, spec }: Pod, { resource, container }: Requested): number {
  const { name } = metadata
  if (container === undefined && Object.keys(spec.resources?.requests ?? {}).length > 0) {
    const request = { ...aggregateResources(spec, 'requests'), ...spec.resources?.requests }[resource]
    if (request === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${name}`)
    return quantityMilli(request)
  }
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  const counted = [...spec.containers, ...sidecars].filter(each => container === undefined || each.name === container)
  if (counted.length === 0) throw new Error(`container ${container ?? ''} not found in Pod ${name}`)
  return sum(
    counted.map(each => {
      const request = each.resources?.requests?.[resource]
      if (request !== undefined) return quantityMilli(request)
      throw new Error(`missing request for ${resource} in container ${each.name} of Pod ${name}`)
    }),
  )
}
