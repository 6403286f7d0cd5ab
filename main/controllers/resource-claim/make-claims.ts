import { pods, type Pod } from '../../../shared/api/core.ts'
import { resourceClaims, resourceClaimTemplates, type ResourceClaim } from '../../../shared/api/resource.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { mapped } from '../../../shared/client/watches.ts'
import {
  claimNameOf,
  isMadeFor,
  mostConsumers,
  type PodResourceClaim,
} from '../../../shared/machinery/pod-resource-claims.ts'
import { toError } from '../to-error.ts'
import { isDone, podsFrom, podsUsing } from './pod-claims.ts'

/** Which claim of a pod's spec a generated ResourceClaim is for (resource/v1 PodResourceClaimAnnotation). */
const podClaimName = 'resource.kubernetes.io/pod-claim-name'

/**
 * Makes the ResourceClaims that pods ask for by templates, and reserves allocated ones for pods that were bound past the
 * scheduler (pkg/controller/resourceclaim syncPod). What it lacks comes as a change of its own: nothing is retried.
 */
export const podResourceClaimController: Controller = {
  name: 'resource_claim',
  watches: [
    mapped(pods, pod => (pod.spec.resourceClaims?.length ? [keyOf(pod)] : [])),
    mapped(resourceClaimTemplates, (template, informers) => podsFrom(keyText(keyOf(template)), informers).map(keyOf)),
    mapped(resourceClaims, (claim, informers) => podsUsing(keyText(keyOf(claim)), informers).map(keyOf)),
  ],

  async reconcile(key, context) {
    const { client, informers, recorder, signal } = context
    const pod = informers.informer(pods).get(key)
    if (!pod || pod.metadata.deletionTimestamp || isDone(pod)) return
    const made: { name: string; resourceClaimName: string }[] = []
    for (const podClaim of pod.spec.resourceClaims ?? []) {
      try {
        const claim = await make(pod, podClaim, context)
        if (claim) made.push({ name: podClaim.name, resourceClaimName: claim.metadata.name })
      } catch (error) {
        const { message } = toError(error)
        recorder.event(pod, 'Warning', 'FailedResourceClaimCreation', `PodResourceClaim ${podClaim.name}: ${message}`)
        if (error instanceof MissingTemplate) return
        throw error
      }
    }
    let known = pod
    if (made.length > 0) {
      const body = { metadata: { uid: pod.metadata.uid }, status: { resourceClaimStatuses: made } }
      known = await client.patch(pods, key, {
        type: 'application/strategic-merge-patch+json',
        body,
        subresource: 'status',
      })
      await informers.informer(pods).reached(known.metadata.resourceVersion, signal)
    }
    if (known.spec.nodeName) await reserve(known, context)
  },
}

class MissingTemplate extends Error {}

/** The claim that is to be written into the pod's status; undefined if what is there is right, or is not ours to make. */
async function make(
  pod: Pod,
  podClaim: PodResourceClaim,
  context: ControllerContext,
): Promise<ResourceClaim | undefined> {
  const { client, informers, signal } = context
  const { name, resourceClaimTemplateName } = podClaim
  const { namespace = '' } = pod.metadata
  const known = claimNameOf(pod, podClaim)
  if (resourceClaimTemplateName === undefined || known === null) return undefined
  const current = known === undefined ? undefined : informers.informer(resourceClaims).get({ namespace, name: known })
  if (current && isMadeFor(current, pod)) return undefined
  const before = madeFor(pod, name, context)
  if (before) return before

  const template = informers.informer(resourceClaimTemplates).get({ namespace, name: resourceClaimTemplateName })
  if (!template) {
    const missing = `resourceclaimtemplate.resource.k8s.io "${resourceClaimTemplateName}" not found`
    throw new MissingTemplate(`resource claim template "${resourceClaimTemplateName}": ${missing}`)
  }
  const { metadata: { labels, annotations } = {}, spec } = template.spec
  const { name: podName, uid } = pod.metadata
  const made = await client.create(resourceClaims, {
    metadata: {
      namespace,
      generateName: prefixOf(podName, name),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName, uid, controller: true }],
      annotations: { ...annotations, [podClaimName]: name },
      ...(labels && { labels }),
    },
    spec,
  })
  await informers.informer(resourceClaims).reached(made.metadata.resourceVersion, signal)
  return made
}

/** One that was made before, of which the pod's status does not tell yet. */
function madeFor(pod: Pod, name: string, { informers }: ControllerContext): ResourceClaim | undefined {
  return informers
    .informer(resourceClaims)
    .by('owner-uid', pod.metadata.uid)
    .find(claim => isMadeFor(claim, pod) && claim.metadata.annotations?.[podClaimName] === name)
}

/** Room for five random characters; of long names both lose their share. */
function prefixOf(pod: string, claim: string): string {
  const most = 57
  const whole = `${pod}-${claim}-`
  if (whole.length <= most) return whole
  const share = (text: string) => text.slice(0, Math.floor((text.length * most) / whole.length))
  return `${share(pod)}-${share(claim)}`
}

async function reserve(pod: Pod, { client, informers }: ControllerContext): Promise<void> {
  const { namespace = '', name: podName, uid } = pod.metadata
  for (const podClaim of pod.spec.resourceClaims ?? []) {
    const name = claimNameOf(pod, podClaim)
    const claim = name ? informers.informer(resourceClaims).get({ namespace, name }) : undefined
    const reservedFor = claim?.status?.reservedFor ?? []
    const isReserved = reservedFor.some(consumer => consumer.uid === uid)
    if (!claim?.status?.allocation || isReserved || reservedFor.length >= mostConsumers) continue
    if (podClaim.resourceClaimTemplateName !== undefined && !isMadeFor(claim, pod)) continue
    const status = { ...claim.status, reservedFor: [...reservedFor, { resource: 'pods', name: podName, uid }] }
    await client.update(resourceClaims, { ...claim, status }, 'status')
  }
}
