import { createSimulatedRuntime } from '../kubelet/simulated/simulated-runtime.ts'
import { createSimulatedVolumes, simulatedNetwork, simulatedVolumeStore } from '../kubelet/simulated/simulated-host.ts'
import { pods } from '../../shared/api/core.ts'
import type { Client } from '../../shared/client/client.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { NodeParts } from './node-parts.ts'

interface Options {
  client: Client
  nodeName: string
  clock: Clock
}

/** A node on which pods go through their states and nothing runs. Its pods go on where an earlier engine left them. */
export async function createSimulatedNode({ client, nodeName, clock }: Options): Promise<NodeParts> {
  const { items } = await client.list(pods, { fieldSelector: `spec.nodeName=${nodeName}` })
  const runtime = createSimulatedRuntime({ clock, podCIDR: '10.244.1.0/24', pods: items })
  return {
    runtime,
    volumes: createSimulatedVolumes(),
    volumeStore: simulatedVolumeStore,
    network: simulatedNetwork,
    dial: () => Promise.reject(new Error('nothing listens on a simulated node')),
    addresses: () => [{ type: 'InternalIP', address: '10.244.0.1' }],
    [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
  }
}
