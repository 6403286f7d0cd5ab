import { persistentVolumes } from '../../../shared/api/core.ts'
import type { PersistentVolumeClaim } from '../../../shared/api/core.ts'
import { storageClasses } from '../../../shared/api/storage.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import {
  bindCompleted,
  boundByController,
  classOf,
  isVolumeOf,
  selectedNode,
} from '../../../shared/machinery/persistent-volumes.ts'
import { bind, setClaimPhase } from './bind.ts'
import { findMatch, mismatch } from './match.ts'
import { assignDefaultClass, provision, tellWhatIsAwaited } from './provision.ts'

/** One step for a claim (pv_controller.go, syncClaim). */
export async function syncClaim(claim: PersistentVolumeClaim, context: ControllerContext): Promise<void> {
  if (claim.metadata.annotations?.[bindCompleted] !== undefined) await keepBound(claim, context)
  else if (claim.spec.volumeName) await bindToNamed(claim, claim.spec.volumeName, context)
  else await findVolume(claim, context)
}

async function findVolume(claim: PersistentVolumeClaim, context: ControllerContext): Promise<void> {
  const { informers, recorder } = context
  const storageClass = informers.informer(storageClasses).get({ namespace: '', name: classOf(claim) })
  const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
  const volume = findMatch(claim, informers.informer(persistentVolumes).list(), { delayed })
  if (volume) return bind(volume, claim, context)
  if (await assignDefaultClass(claim, context)) return undefined
  if (delayed && claim.metadata.annotations?.[selectedNode] === undefined) tellWhatIsAwaited(claim, context)
  else if (classOf(claim) !== '') return provision(claim, context)
  else {
    const message = 'no persistent volumes available for this claim and no storage class is set'
    recorder.event(claim, 'Normal', 'FailedBinding', message)
  }
  return setClaimPhase(claim, { phase: 'Pending' }, context)
}

/** The user asks for one volume and no other. */
async function bindToNamed(claim: PersistentVolumeClaim, name: string, context: ControllerContext): Promise<void> {
  const { informers, recorder } = context
  const volume = informers.informer(persistentVolumes).get({ namespace: '', name })
  if (volume && isVolumeOf(volume, claim)) return bind(volume, claim, context)
  if (volume && !volume.spec.claimRef) {
    const why = mismatch(volume, claim)
    if (why === undefined) return bind(volume, claim, context)
    recorder.event(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${why}`)
  } else if (volume) {
    recorder.event(claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`)
    // Only someone who takes away the mark of a finished binding leads here: left as it is.
    if (claim.metadata.annotations?.[boundByController] !== undefined) return undefined
  }
  return setClaimPhase(claim, { phase: 'Pending' }, context)
}

async function keepBound(claim: PersistentVolumeClaim, context: ControllerContext): Promise<void> {
  const { volumeName = '' } = claim.spec
  if (volumeName === '')
    return lose(
      claim,
      ['ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'],
      context,
    )
  const volume = context.informers.informer(persistentVolumes).get({ namespace: '', name: volumeName })
  if (!volume)
    return lose(claim, ['ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'], context)
  const { claimRef } = volume.spec
  if (!claimRef || claimRef.uid === claim.metadata.uid) return bind(volume, claim, context)
  return lose(
    claim,
    ['ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly'],
    context,
  )
}

async function lose(
  claim: PersistentVolumeClaim,
  [reason, message]: [string, string],
  context: ControllerContext,
): Promise<void> {
  if (claim.status?.phase === 'Lost') return
  await setClaimPhase(claim, { phase: 'Lost' }, context)
  context.recorder.event(claim, 'Warning', reason, message)
}
