import { formatQuantity, parseQuantity, subtractQuantities, type Quantity } from '../../../shared/machinery/quantity.ts'
import type { KubeletConfiguration } from '../configuration/kubelet-configuration.ts'
import { parseThresholds } from '../eviction/parse-thresholds.ts'
import { amountOf } from '../eviction/signals.ts'
import { valueOf } from './quantities.ts'

/** Thresholds that keep something of the node from pods. */
const guarded: Partial<Record<string, string>> = {
  'memory.available': 'memory',
  'nodefs.available': 'ephemeral-storage',
}

/**
 * What of a capacity is for pods: without what is reserved for others and what is left before pods have to go
 * (pkg/kubelet/cm/node_container_manager_linux.go, GetNodeAllocatableReservation; nodestatus/setters.go, MachineInfo).
 */
export function allocatableOf(
  capacity: Record<string, string>,
  configuration: KubeletConfiguration,
): Record<string, string> {
  const { kubeReserved, systemReserved } = configuration
  const hard = parseThresholds(configuration).filter(({ gracePeriod }) => gracePeriod === 0)
  const left = new Map(Object.entries(capacity).map(([resource, quantity]) => [resource, parseQuantity(quantity)]))
  const reserve = (resource: string, amount: string | number) => {
    const all = left.get(resource)
    if (all) left.set(resource, notNegative(subtractQuantities(all, amount)))
  }
  for (const reserved of [kubeReserved, systemReserved]) {
    for (const [resource, amount] of Object.entries(reserved)) reserve(resource, amount)
  }
  for (const { signal, value } of hard) {
    const resource = guarded[signal]
    if (resource !== undefined) reserve(resource, amountOf(value, valueOf(capacity[resource])))
  }
  for (const [resource, amount] of Object.entries(capacity)) {
    if (resource.startsWith('hugepages-')) reserve('memory', amount)
  }
  // Twice, since the API server reads and writes it once more: otherwise each comparison would find a difference.
  return Object.fromEntries([...left].map(([resource, rest]) => [resource, formatQuantity(formatQuantity(rest))]))
}

const notNegative = (quantity: Quantity): Quantity => (quantity.nanos < 0n ? { ...quantity, nanos: 0n } : quantity)
