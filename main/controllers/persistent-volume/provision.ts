import { persistentVolumeClaims, pods } from '../../../shared/api/core.ts'
import type { PersistentVolumeClaim } from '../../../shared/api/core.ts'
import { storageClasses, type StorageClass } from '../../../shared/api/storage.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import {
  betaStorageProvisioner,
  classOf,
  hasClass,
  storageProvisioner,
} from '../../../shared/machinery/persistent-volumes.ts'
import { isTerminal } from '../pod-state.ts'
import { save } from './bind.ts'
import { claimNames } from './lookups.ts'

/** Names the provisioner on the claim, which is what that one waits for (provisionClaimOperationExternal). */
export async function provision(claim: PersistentVolumeClaim, context: ControllerContext): Promise<void> {
  const { informers, recorder } = context
  const name = classOf(claim)
  const failed = (message: string) => recorder.event(claim, 'Warning', 'ProvisioningFailed', message)
  const storageClass = informers.informer(storageClasses).get({ namespace: '', name })
  if (!storageClass) {
    failed(`storageclass.storage.k8s.io "${name}" not found`)
    return
  }
  const { provisioner } = storageClass
  // Those are upstream's own, which live in its controller manager.
  if (provisioner.startsWith('kubernetes.io/')) {
    failed(`no volume plugin matched name: ${provisioner}`)
    return
  }
  const { annotations } = claim.metadata
  if (annotations?.[storageProvisioner] !== provisioner) {
    const named = { ...annotations, [betaStorageProvisioner]: provisioner, [storageProvisioner]: provisioner }
    await save(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations: named } }, context)
  }
  recorder.event(
    claim,
    'Normal',
    'ExternalProvisioning',
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  )
}

/** Gives an unbound claim that named no class the default one that came later (KEP-3333). True: the claim was changed. */
export async function assignDefaultClass(claim: PersistentVolumeClaim, context: ControllerContext): Promise<boolean> {
  if (hasClass(claim)) return false
  const [chosen] = context.informers.informer(storageClasses).list().filter(isDefault).toSorted(newestFirst)
  if (!chosen) return false
  const spec = { ...claim.spec, storageClassName: chosen.metadata.name }
  await save(persistentVolumeClaims, { ...claim, spec }, context)
  return true
}

const isDefault = ({ metadata: { annotations = {} } }: StorageClass) =>
  annotations['storageclass.kubernetes.io/is-default-class'] === 'true' ||
  annotations['storageclass.beta.kubernetes.io/is-default-class'] === 'true'

/** Of several defaults the last one made counts, of those the first by name (pkg/volume/util storageclass.go). */
function newestFirst({ metadata: a }: StorageClass, { metadata: b }: StorageClass): number {
  const [older, newer] = [a.creationTimestamp ?? '', b.creationTimestamp ?? '']
  return newer.localeCompare(older) || (a.name < b.name ? -1 : 1)
}

/** Says why a claim of a class that waits for its first consumer has no volume yet. */
export function tellWhatIsAwaited(claim: PersistentVolumeClaim, { informers, recorder }: ControllerContext): void {
  const waiting = informers
    .informer(pods)
    .list(claim.metadata.namespace ?? '')
    .filter(pod => !pod.spec.nodeName && !isTerminal(pod) && claimNames(pod).includes(claim.metadata.name))
    .map(pod => pod.metadata.name)
  if (waiting.length === 0) {
    const message = 'waiting for first consumer to be created before binding'
    recorder.event(claim, 'Normal', 'WaitForFirstConsumer', message)
  } else {
    const which = waiting.length > 1 ? `pods ${waiting.join(',')}` : `pod ${waiting.join()}`
    recorder.event(claim, 'Normal', 'WaitForPodScheduled', `waiting for ${which} to be scheduled`)
  }
}
