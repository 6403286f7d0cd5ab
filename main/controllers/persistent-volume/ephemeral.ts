import { persistentVolumeClaims, pods } from '../../../shared/api/core.ts'
import type { Pod, Volume } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerOf, controllerRef, mapped, ownedBy } from '../../../shared/client/watches.ts'
import { ephemeralClaimName } from '../../../shared/machinery/persistent-volumes.ts'

/** Makes the claims of pods' ephemeral volumes; they end with the pod, which owns them (pkg/controller/volume/ephemeral). */
export const ephemeralVolumeController: Controller = {
  name: 'ephemeral-volume-controller',
  watches: [
    mapped(pods, pod => (pod.spec.volumes?.some(volume => volume.ephemeral) ? [keyOf(pod)] : [])),
    ownedBy(pods, persistentVolumeClaims),
  ],

  async reconcile(key, context) {
    const pod = context.informers.informer(pods).get(key)
    if (!pod || pod.metadata.deletionTimestamp) return
    for (const volume of pod.spec.volumes ?? []) {
      try {
        await ensureClaim(pod, volume, context)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        context.recorder.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume.name}: ${why}`)
        throw error
      }
    }
  },
}

async function ensureClaim(pod: Pod, volume: Volume, { client, informers }: ControllerContext): Promise<void> {
  const template = volume.ephemeral?.volumeClaimTemplate
  if (!template) return
  const { namespace = '', uid } = pod.metadata
  const name = ephemeralClaimName(pod, volume)
  const known = informers.informer(persistentVolumeClaims).get({ namespace, name })
  if (known) {
    if (controllerOf(known)?.uid === uid) return
    const [claim, owner] = [`${namespace}/${name}`, `${namespace}/${pod.metadata.name}`]
    throw new Error(`PVC ${claim} was not created for pod ${owner} (pod is not owner)`)
  }
  const { labels, annotations } = template.metadata ?? {}
  await client.create(persistentVolumeClaims, {
    metadata: {
      namespace,
      name,
      ownerReferences: [controllerRef(pod, pods)],
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
    spec: template.spec,
  })
}
