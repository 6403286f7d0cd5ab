import { persistentVolumeClaims, persistentVolumes } from '../../../shared/api/core.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { each } from '../../../shared/client/watches.ts'
import { requestOf } from '../../../shared/machinery/persistent-volumes.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'

/** Says of a claim that asks for more than it has who is to give it (pkg/controller/volume/expand): whoever made the volume. */
export const volumeExpandController: Controller = {
  name: 'volume_expand',
  watches: [each(persistentVolumeClaims)],

  async reconcile(key, { informers, recorder }) {
    const claim = informers.informer(persistentVolumeClaims).get(key)
    const held = claim?.status?.capacity?.['storage']
    if (!claim || held === undefined || compareQuantities(requestOf(claim), held) <= 0) return
    const volume = informers.informer(persistentVolumes).get({ namespace: '', name: claim.spec.volumeName ?? '' })
    if (volume?.spec.claimRef?.uid !== claim.metadata.uid) return
    recorder.event(claim, 'Normal', 'ExternalExpanding', 'waiting for an external controller to expand this PVC')
  },
}
