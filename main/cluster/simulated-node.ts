import { createSimulatedRuntime } from '../kubelet/simulated/simulated-runtime.ts'
import { createSimulatedVolumes, simulatedNetwork } from '../kubelet/simulated/simulated-host.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { NodeParts } from './node-parts.ts'

/** A node on which pods go through their states and nothing runs. */
export function createSimulatedNode(clock: Clock): NodeParts {
  const runtime = createSimulatedRuntime({ clock, podCIDR: '10.244.1.0/24' })
  return {
    runtime,
    volumes: createSimulatedVolumes(),
    network: simulatedNetwork,
    dial: () => Promise.reject(new Error('nothing listens on a simulated node')),
    addresses: () => [{ type: 'InternalIP', address: '10.244.0.1' }],
    [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
  }
}
