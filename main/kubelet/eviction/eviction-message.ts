import { formatQuantity } from '../../../shared/machinery/quantity.ts'
import { valueOf } from '../resources/quantities.ts'
import type { PodUsage } from './measure.ts'
import { amountOf, signals, type Observation, type Starved, type Threshold } from './signals.ts'

/**
 * What an evicted pod's status and event say, and the annotations of the event (pkg/kubelet/eviction/helpers.go,
 * evictionMessage).
 */
export function evictionMessage(
  { pod, total, containers }: PodUsage,
  { signal, value }: Threshold,
  { capacity, available }: Observation,
): { message: string; annotations: Record<string, string> } {
  const { resource } = signals[signal]
  const quantity = 'part' in value ? binary(amountOf(value, capacity)) : value.quantity
  const left = isBytes(resource) ? binary(available) : formatQuantity(available)
  const parts = [`The node was low on resource: ${resource}. Threshold quantity: ${quantity}, available: ${left}. `]
  const blame = (who: string, used: number, request: string) => {
    parts.push(`${who} was using ${binary(used)}, request is ${request}, has larger consumption of ${resource}. `)
  }

  const ofPod = resource === 'memory' ? pod.spec.resources?.requests?.[resource] : undefined
  if (ofPod !== undefined) blame(`Pod ${pod.metadata.name}`, total.memory, formatQuantity(ofPod))
  const blamed = isBytes(resource)
    ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ name, resources }) => {
        const used = containers[resource].get(name) ?? 0
        const request = resources?.requests?.[resource] ?? '0'
        return used > valueOf(request) ? [{ name, used, request }] : []
      })
    : []
  for (const { name, used, request } of blamed) blame(`Container ${name}`, used, formatQuantity(request))

  const annotations = {
    ...(ofPod !== undefined && { offending_pod: pod.metadata.name, offending_pod_usage: binary(total.memory) }),
    offending_containers: blamed.map(({ name }) => name).join(','),
    offending_containers_usage: blamed.map(({ used }) => binary(used)).join(','),
    starved_resource: resource,
  }
  return { message: parts.join(''), annotations }
}

const isBytes = (resource: Starved) => resource === 'memory' || resource === 'ephemeral-storage'

const suffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** A number as a quantity with the greatest binary suffix that leaves a whole number. */
function binary(number: number): string {
  let [value, at] = [Math.round(number), 0]
  while (value !== 0 && value % 1024 === 0 && at < suffixes.length - 1) [value, at] = [value / 1024, at + 1]
  return `${value}${suffixes[at] ?? ''}`
}
