import { persistentVolumeClaims, persistentVolumes, pods } from '../../../shared/api/core.ts'
import type { ObjectKey } from '../../../shared/api/object.ts'
import { storageClasses } from '../../../shared/api/storage.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { mapped } from '../../../shared/client/watches.ts'
import { bindCompleted } from '../../../shared/machinery/persistent-volumes.ts'
import { syncClaim } from './sync-claim.ts'
import { syncVolume } from './sync-volume.ts'
import { claimNames, claimOf, volumesOf } from './lookups.ts'

/**
 * Binds claims to volumes, asks provisioners for new ones, and releases volumes whose claim is gone
 * (pkg/controller/volume/persistentvolume). One worker, which reads its own writes: a volume is never given away twice.
 * Upstream looks at everything again every 15 s; here whatever may help a claim names it.
 */
export const persistentVolumeController: Controller = {
  name: 'persistentvolume-controller',
  workers: 1,
  watches: [
    mapped(persistentVolumeClaims, (claim, informers) => [
      keyOf(claim),
      ...(claim.spec.volumeName ? [{ namespace: '', name: claim.spec.volumeName }] : []),
      ...volumesOf(claim, informers).map(keyOf),
    ]),
    mapped(persistentVolumes, (volume, informers) => {
      const claim = claimOf(volume)
      return [keyOf(volume), ...(claim ? [claim] : unboundClaims(informers))]
    }),
    mapped(storageClasses, (_, informers) => unboundClaims(informers)),
    // What a claim waits for is told by its Event.
    mapped(pods, pod =>
      pod.spec.nodeName ? [] : claimNames(pod).map(name => ({ namespace: pod.metadata.namespace ?? '', name })),
    ),
  ],

  async reconcile(key, context) {
    if (key.namespace === '') {
      const volume = context.informers.informer(persistentVolumes).get(key)
      if (volume) await syncVolume(volume, context)
    } else {
      const claim = context.informers.informer(persistentVolumeClaims).get(key)
      if (claim) await syncClaim(claim, context)
    }
  },
}

const unboundClaims = (informers: Informers): ObjectKey[] =>
  informers
    .informer(persistentVolumeClaims)
    .list()
    .filter(({ metadata }) => metadata.annotations?.[bindCompleted] === undefined)
    .map(keyOf)
