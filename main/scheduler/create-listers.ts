import { replicaSets, statefulSets } from '../../shared/api/apps.ts'
import {
  namespaces,
  persistentVolumeClaims,
  persistentVolumes,
  replicationControllers,
  services,
} from '../../shared/api/core.ts'
import { podDisruptionBudgets } from '../../shared/api/policy.ts'
import { deviceClasses, resourceClaims, resourceSlices, type ResourceClaim } from '../../shared/api/resource.ts'
import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  storageClasses,
  volumeAttachments,
  type CSINode,
} from '../../shared/api/storage.ts'
import type { Informers } from '../../shared/client/informer.ts'
import type { Change } from './change.ts'
import type { Listers } from './plugin.ts'

/** What plugins look up beside nodes and pods. */
interface WatchedListers {
  readonly listers: Listers
  /** Resolves when all of it is known. */
  readonly synced: Promise<unknown>
  /** Tells of what could make a waiting pod fit. */
  watch(changed: (change: Change) => void): Disposable
}

export function createListers(informers: Informers): WatchedListers {
  const listers = {
    namespaces: informers.informer(namespaces),
    services: informers.informer(services),
    replicationControllers: informers.informer(replicationControllers),
    replicaSets: informers.informer(replicaSets),
    statefulSets: informers.informer(statefulSets),
    claims: informers.informer(persistentVolumeClaims),
    volumes: informers.informer(persistentVolumes),
    storageClasses: informers.informer(storageClasses),
    csiDrivers: informers.informer(csiDrivers),
    csiNodes: informers.informer(csiNodes),
    csiCapacities: informers.informer(csiStorageCapacities),
    attachments: informers.informer(volumeAttachments),
    budgets: informers.informer(podDisruptionBudgets),
    resourceClaims: informers.informer(resourceClaims),
    resourceSlices: informers.informer(resourceSlices),
    deviceClasses: informers.informer(deviceClasses),
  }
  return {
    listers,
    synced: Promise.all(Object.values(listers).map(each => each.synced)),
    watch(changed) {
      const stack = new DisposableStack()
      stack.use(
        listers.claims.on({
          added: after => changed({ of: 'claim', after }),
          updated: (after, before) => changed({ of: 'claim', before, after }),
        }),
      )
      stack.use(
        listers.volumes.on({
          added: after => changed({ of: 'volume', after }),
          updated: (after, before) => changed({ of: 'volume', before, after }),
        }),
      )
      stack.use(listers.storageClasses.on({ added: after => changed({ of: 'storageClass', after }) }))
      const csiNode = (after: CSINode) => changed({ of: 'csiNode', after })
      stack.use(listers.csiNodes.on({ added: csiNode, updated: csiNode }))
      const capacity = () => changed({ of: 'csiCapacity' })
      stack.use(listers.csiCapacities.on({ added: capacity, updated: capacity }))
      const claim = (after: ResourceClaim, freesDevices: boolean) =>
        changed({ of: 'resourceClaim', after, freesDevices })
      stack.use(
        listers.resourceClaims.on({
          added: after => claim(after, false),
          updated: (after, before) => claim(after, !!before.status?.allocation && !after.status?.allocation),
          deleted: before => claim(before, !!before.status?.allocation),
        }),
      )
      const devices = () => changed({ of: 'devices' })
      stack.use(listers.resourceSlices.on({ added: devices, updated: devices }))
      stack.use(listers.deviceClasses.on({ added: devices, updated: devices }))
      return stack
    },
  }
}
