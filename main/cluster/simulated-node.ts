import { createSimulatedRuntime } from '../kubelet/simulated/simulated-runtime.ts'
import { createSimulatedVolumes, simulatedNetwork, simulatedVolumeStore } from '../kubelet/simulated/simulated-host.ts'
import { ending, simulationOf, undisturbed, type Simulation } from '../kubelet/simulated/simulation.ts'
import { pods } from '../../shared/api/core.ts'
import type { Informers } from '../../shared/client/informer.ts'
import { sleep } from '../../shared/client/sleep.ts'
import type { Clock } from '../../shared/machinery/clock.ts'
import type { NodeParts } from './node-parts.ts'

interface Options {
  informers: Informers
  nodeName: string
  /** The range of its pods' addresses; its own is the first in it. */
  podCIDR: string
  simulation?: Simulation
  clock: Clock
}

const byNode = 'spec.nodeName'

/** A node on which pods go through their states and nothing runs. Its pods go on where an earlier engine left them. */
export async function createSimulatedNode(options: Options): Promise<NodeParts> {
  const { informers, nodeName, podCIDR, simulation = undisturbed, clock } = options
  const informer = informers.informer(pods)
  await informer.synced
  informer.index(byNode, pod => (pod.spec.nodeName ? [pod.spec.nodeName] : []))
  const stop = new AbortController()
  const never = new Promise<never>(() => undefined)
  const runtime = createSimulatedRuntime({
    clock,
    podCIDR,
    pods: informer.by(byNode, nodeName),
    async start({ annotations }) {
      const { startTime } = simulationOf(annotations, simulation)
      if (startTime > 0) await sleep(clock, startTime, stop.signal)
      stop.signal.throwIfAborted()
    },
    async process(container) {
      const pod = informer.get(container.pod)
      if (pod?.metadata.uid !== container.pod.uid) return never
      const end = ending(pod, container, simulationOf(pod.metadata.annotations, simulation))
      if (!end) return never
      const left = container.startedAt + end.after - clock.now()
      if (left > 0) await sleep(clock, left, stop.signal)
      return stop.signal.aborted ? never : end.exitCode
    },
  })
  return {
    runtime,
    volumes: createSimulatedVolumes(),
    volumeStore: simulatedVolumeStore,
    network: simulatedNetwork,
    dial: () => Promise.reject(new Error('nothing listens on a simulated node')),
    addresses: () => [
      { type: 'InternalIP', address: podCIDR.replace(/\d+\/\d+$/, '1') },
      { type: 'Hostname', address: nodeName },
    ],
    async [Symbol.asyncDispose]() {
      stop.abort()
      await runtime[Symbol.asyncDispose]()
    },
  }
}
