import { persistentVolumeClaims } from '../../../shared/api/core.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { provisionedBy } from '../../../shared/machinery/persistent-volumes.ts'
import { setVolumePhase, unbind } from './bind.ts'
import { claimOf } from './lookups.ts'
import { differsInMode } from './match.ts'

/** One step for a volume (pv_controller.go, syncVolume). Binding is the claims' affair. */
export async function syncVolume(volume: PersistentVolume, context: ControllerContext): Promise<void> {
  // Without a uid it is reserved for a claim that may not even be there.
  if (!volume.spec.claimRef?.uid) {
    await setVolumePhase(volume, { phase: 'Available' }, context)
    return
  }
  const claim = await findClaim(volume, context)
  if (!claim) await release(volume, context)
  else if (!claim.spec.volumeName) tellMismatch(volume, claim, context)
  else if (claim.spec.volumeName === volume.metadata.name) await setVolumePhase(volume, { phase: 'Bound' }, context)
  // The claim found another: what was made for it alone is of no use.
  else if (isProvisioned(volume) && policyOf(volume) === 'Delete') await release(volume, context)
  else await unbind(volume, context)
}

/** Asks the API server before a volume is released, since what follows can't be taken back. */
async function findClaim(volume: PersistentVolume, { client, informers }: ControllerContext) {
  const key = claimOf(volume)
  if (!key) return undefined
  const isOwn = (claim: PersistentVolumeClaim | undefined) => claim?.metadata.uid === volume.spec.claimRef?.uid
  const known = informers.informer(persistentVolumeClaims).get(key)
  if (isOwn(known)) return known
  const live = await unlessGone(client.get(persistentVolumeClaims, key))
  return isOwn(live) ? live : undefined
}

function tellMismatch(volume: PersistentVolume, claim: PersistentVolumeClaim, { recorder }: ControllerContext): void {
  if (!differsInMode(volume, claim)) return
  const names = { volume: volume.metadata.name, claim: claim.metadata.name }
  const text = (to: string, from: string) => `Cannot bind ${to} to requested ${from} due to incompatible volumeMode.`
  const ofVolume = text('PersistentVolume', `PersistentVolumeClaim "${names.claim}"`)
  const ofClaim = text(`PersistentVolume "${names.volume}"`, 'PersistentVolumeClaim')
  recorder.event(volume, 'Warning', 'VolumeMismatch', ofVolume)
  recorder.event(claim, 'Warning', 'VolumeMismatch', ofClaim)
}

/** Released, and then what the reclaim policy says; whoever provisioned a volume deletes it, too. */
async function release(volume: PersistentVolume, context: ControllerContext): Promise<void> {
  const { phase } = volume.status ?? {}
  const released = phase === 'Failed' ? volume : await setVolumePhase(volume, { phase: 'Released' }, context)
  if (policyOf(volume) === 'Recycle')
    await fail(released, ['VolumeFailedRecycle', 'No recycler plugin found for the volume!'], context)
  else if (policyOf(volume) === 'Delete' && !isProvisioned(volume) && !volume.spec.csi) {
    const why = `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`
    await fail(released, ['VolumeFailedDelete', why], context)
  }
}

async function fail(volume: PersistentVolume, [reason, message]: [string, string], context: ControllerContext) {
  if (volume.status?.phase === 'Failed') return
  await setVolumePhase(volume, { phase: 'Failed', message }, context)
  context.recorder.event(volume, 'Warning', reason, message)
}

const policyOf = ({ spec }: PersistentVolume) => spec.persistentVolumeReclaimPolicy ?? 'Retain'
const isProvisioned = ({ metadata }: PersistentVolume) => metadata.annotations?.[provisionedBy] !== undefined
