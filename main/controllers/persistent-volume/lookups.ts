import { persistentVolumes } from '../../../shared/api/core.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../shared/api/core.ts'
import type { ObjectKey } from '../../../shared/api/object.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { ephemeralClaimName } from '../../../shared/machinery/persistent-volumes.ts'

const byClaim = 'persistentVolumesByClaim'

/** The claim that a volume is for, whether it exists or not. */
export function claimOf({ spec }: PersistentVolume): ObjectKey | undefined {
  const { namespace = '', name } = spec.claimRef ?? {}
  return name === undefined ? undefined : { namespace, name }
}

/** The volumes that name the claim, its own and those that lost it to another. */
export function volumesOf(claim: PersistentVolumeClaim, informers: Informers): PersistentVolume[] {
  const informer = informers.informer(persistentVolumes)
  informer.index(byClaim, volume => {
    const key = claimOf(volume)
    return key ? [keyText(key)] : []
  })
  return informer.by(byClaim, keyText(keyOf(claim)))
}

/** The claims that a pod uses, those of its ephemeral volumes too. */
export function claimNames(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap(volume => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName]
    return volume.ephemeral ? [ephemeralClaimName(pod, volume)] : []
  })
}
