import { persistentVolumeClaims, pods } from '../../../shared/api/core.ts'
import type { PersistentVolumeClaim, Pod, Volume } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { controllerOf, controllerRef, mapped } from '../../../shared/client/watches.ts'
import { ephemeralClaimName } from '../../../shared/machinery/persistent-volumes.ts'

const byClaim = 'podsByEphemeralClaim'

/** Makes the claims of pods' ephemeral volumes; they end with the pod, which owns them (pkg/controller/volume/ephemeral). */
export const ephemeralVolumeController: Controller = {
  name: 'ephemeral_volume',
  watches: [
    mapped(pods, pod => (pod.spec.volumes?.some(volume => volume.ephemeral) ? [keyOf(pod)] : [])),
    mapped(persistentVolumeClaims, (claim, informers) => podsOf(claim, informers).map(keyOf)),
  ],

  async reconcile(key, context) {
    const pod = context.informers.informer(pods).get(key)
    if (!pod || pod.metadata.deletionTimestamp) return
    for (const volume of pod.spec.volumes ?? []) await ensureClaim(pod, volume, context)
  },
}

/** The pods that have an ephemeral volume of this claim's name, be the claim theirs or not. */
function podsOf(claim: PersistentVolumeClaim, informers: Informers): Pod[] {
  const informer = informers.informer(pods)
  informer.index(byClaim, pod =>
    (pod.spec.volumes ?? [])
      .filter(volume => volume.ephemeral)
      .map(volume => keyText({ namespace: pod.metadata.namespace ?? '', name: ephemeralClaimName(pod, volume) })),
  )
  return informer.by(byClaim, keyText(keyOf(claim)))
}

async function ensureClaim(pod: Pod, volume: Volume, { client, informers, recorder }: ControllerContext) {
  const template = volume.ephemeral?.volumeClaimTemplate
  if (!template) return
  const { namespace = '', uid } = pod.metadata
  const name = ephemeralClaimName(pod, volume)
  const failed = (why: string) =>
    recorder.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume.name}: ${why}`)
  const known = informers.informer(persistentVolumeClaims).get({ namespace, name })
  if (known) {
    const owner = `${namespace}/${pod.metadata.name}`
    if (controllerOf(known)?.uid !== uid)
      failed(`PVC ${namespace}/${name} was not created for pod ${owner} (pod is not owner)`)
    return
  }
  const { labels, annotations } = template.metadata ?? {}
  const metadata = {
    namespace,
    name,
    ownerReferences: [controllerRef(pod, pods)],
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  }
  try {
    await client.create(persistentVolumeClaims, { metadata, spec: template.spec })
  } catch (error) {
    failed(`create PVC ${name}: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  }
}
