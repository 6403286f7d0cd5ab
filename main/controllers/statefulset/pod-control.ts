import type { StatefulSet } from '../../../shared/api/apps.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import { isNamespaceTerminating } from '../namespace-terminating.ts'
import { toError } from '../to-error.ts'
import { claimsOf, createClaims, hasClaims, volumesWithClaims } from './claims.ts'
import { identityLabels, newPod, type Version } from './new-pod.ts'
import { isInRange, ordinalOf } from './ordinals.ts'
import { isStale, keepClaimOwners } from './retention.ts'

type Verb = 'Create' | 'Update' | 'Delete'

/** Does a thing to a pod and tells of it as upstream does (stateful_pod_control.go recordPodEvent). */
async function recorded<T>(
  { set, pod, verb }: { set: StatefulSet; pod: string; verb: Verb },
  { recorder }: ControllerContext,
  act: () => Promise<T>,
): Promise<T> {
  const about = `${verb} Pod ${pod} in StatefulSet ${set.metadata.name}`
  try {
    const result = await act()
    recorder.event(set, 'Normal', `Successful${verb}`, `${about} successful`)
    return result
  } catch (error) {
    // A pod of this name that the informer has not seen yet, or that is someone else's: no news each time.
    if (!isAlreadyExists(error) && !isNamespaceTerminating(error))
      recorder.event(set, 'Warning', `Failed${verb}`, `${about} failed error: ${toError(error).message}`)
    throw error
  }
}

/** Creates the pod of an ordinal, its claims first, and waits until the informer has seen it. */
export async function createPod(
  set: StatefulSet,
  { ordinal, version }: { ordinal: number; version: Version },
  context: ControllerContext,
): Promise<void> {
  const { client, informers, signal } = context
  const draft = newPod(set, ordinal, version)
  try {
    await recorded({ set, pod: draft.metadata.name ?? '', verb: 'Create' }, context, async () => {
      await createClaims(set, ordinal, context)
      const pod = await client.create(pods, draft)
      await keepClaimOwners({ set, pod }, context)
      await informers.informer(pods).reached(pod.metadata.resourceVersion, signal)
    })
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error
  }
}

/** A claim that a pod of an earlier scale-down still takes with it: the next pod must wait (PodClaimIsStale). */
export function hasStaleClaim(set: StatefulSet, ordinal: number, context: ControllerContext): boolean {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false
  const unborn = { metadata: { name: `${set.metadata.name}-${ordinal}` } }
  return claimsOf(set, ordinal, context).some(claim => isStale(claim.metadata.ownerReferences, unborn, pods))
}

/** Restores what makes a pod this pod: its labels, its volumes and the owners of its claims (UpdateStatefulPod). */
export async function repairPod(set: StatefulSet, pod: Pod, context: ControllerContext): Promise<void> {
  const { client, informers, signal } = context
  const ordinal = ordinalOf(pod)
  const { name, labels } = pod.metadata
  const identity = identityLabels(name, ordinal)
  const isItself = labels?.['statefulset.kubernetes.io/pod-name'] === name
  const isStored = hasClaims(set, ordinal, pod)
  if (isInRange(set, ordinal) && !isStored) await createClaims(set, ordinal, context)
  await keepClaimOwners({ set, pod }, context)
  if (isItself && isStored) return
  await recorded({ set, pod: name, verb: 'Update' }, context, async () => {
    const updated = await client.update(pods, {
      ...pod,
      metadata: { ...pod.metadata, labels: { ...labels, ...identity } },
      spec: isStored ? pod.spec : { ...pod.spec, volumes: volumesWithClaims(set, ordinal, pod.spec.volumes) },
    })
    await informers.informer(pods).reached(updated.metadata.resourceVersion, signal)
  })
}

/** Deletes a pod and waits until the informer has seen that it goes. */
export async function deletePod(set: StatefulSet, pod: Pod, context: ControllerContext): Promise<void> {
  const { client, informers, signal } = context
  const { name, uid } = pod.metadata
  await recorded({ set, pod: name, verb: 'Delete' }, context, async () => {
    await unlessGone(client.delete(pods, keyOf(pod), { preconditions: { uid } }))
  })
  const informer = informers.informer(pods)
  const isGoing = () => {
    const seen = informer.get(keyOf(pod))
    return seen?.metadata.uid !== uid || seen.metadata.deletionTimestamp !== undefined
  }
  await informer.until(isGoing, signal)
}
