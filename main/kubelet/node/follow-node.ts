import { nodes } from '../../../shared/api/core.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import type { PodWorkers } from '../pod/pod-workers.ts'
import { allocatableOf } from '../resources/allocatable.ts'
import { readiness } from './node-status.ts'
import type { NodeRegistration } from './register-node.ts'

interface Options {
  informers: Informers
  parts: KubeletParts
  registration: NodeRegistration
  workers: PodWorkers
}

/** Reports the node again when others changed what the kubelet says of it; its pods are ready again when it is. */
export function followNode({ informers, parts, registration, workers }: Options): Disposable {
  const { nodeName, settings } = parts
  return informers.informer(nodes).on({
    updated({ metadata, status }, before) {
      if (metadata.name !== nodeName) return
      // Others may give the node resources of their own by patching its capacity; allocatable has to follow. Or they took
      // the kubelet for dead.
      const expected = status?.capacity && allocatableOf(status.capacity, settings.configuration)
      if (!jsonEqual(status?.allocatable, expected) || readiness(status) === 'Unknown') registration.check()
      if (readiness(status) === 'True' && readiness(before.status) !== 'True') for (const each of workers) each.wake()
    },
  })
}
