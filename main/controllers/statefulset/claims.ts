import type { StatefulSet } from '../../../shared/api/apps.ts'
import { persistentVolumeClaims, type PersistentVolumeClaim, type Pod, type Volume } from '../../../shared/api/core.ts'
import type { Draft } from '../../../shared/api/object.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import { toError } from '../to-error.ts'

/** Names of a set's claims for one ordinal, by the names of their templates (getPersistentVolumeClaimName). */
function claimNames(set: StatefulSet, ordinal: number): Map<string, string> {
  const templates = set.spec.volumeClaimTemplates ?? []
  const names = templates.map(({ metadata }) => metadata?.name ?? '')
  return new Map(names.map(name => [name, `${name}-${set.metadata.name}-${ordinal}`]))
}

/** The claims of one ordinal that are known. */
export function claimsOf(
  set: StatefulSet,
  ordinal: number,
  { informers }: Pick<ControllerContext, 'informers'>,
): PersistentVolumeClaim[] {
  const { namespace = '' } = set.metadata
  const informer = informers.informer(persistentVolumeClaims)
  return [...claimNames(set, ordinal).values()].flatMap(name => informer.get({ namespace, name }) ?? [])
}

/** Volumes with those of a set's claims in place of others of their names (statefulset updateStorage). */
export function volumesWithClaims(set: StatefulSet, ordinal: number, volumes: readonly Volume[] = []): Volume[] {
  const names = claimNames(set, ordinal)
  const claimed = [...names].map(([name, claimName]) => ({ name, persistentVolumeClaim: { claimName } }))
  return [...claimed, ...volumes.filter(({ name }) => !names.has(name))]
}

/** Whether a pod uses the claims of its ordinal. */
export function hasClaims(set: StatefulSet, ordinal: number, pod: Pod): boolean {
  const uses = new Map(pod.spec.volumes?.map(({ name, persistentVolumeClaim }) => [name, persistentVolumeClaim]))
  return [...claimNames(set, ordinal)].every(([name, claimName]) => uses.get(name)?.claimName === claimName)
}

/**
 * Creates what is missing of the claims of one ordinal and waits until the informer has seen them
 * (createPersistentVolumeClaims). Throws the first failure, or if a claim is going.
 */
export async function createClaims(set: StatefulSet, ordinal: number, context: ControllerContext): Promise<void> {
  const { client, informers, recorder, signal } = context
  const { name: setName, namespace = '' } = set.metadata
  const informer = informers.informer(persistentVolumeClaims)
  const about = (name: string) => `Claim ${name} Pod ${setName}-${ordinal} in StatefulSet ${setName}`
  const failures: Error[] = []
  for (const template of set.spec.volumeClaimTemplates ?? []) {
    const name = claimNames(set, ordinal).get(template.metadata?.name ?? '') ?? ''
    const known = informer.get({ namespace, name })
    if (known?.metadata.deletionTimestamp) failures.push(new Error(`pvc ${name} is being deleted`))
    if (known) continue
    try {
      const created = await client.create(persistentVolumeClaims, draft(set, template, name))
      recorder.event(set, 'Normal', 'SuccessfulCreate', `Create ${about(name)} success`)
      await informer.reached(created.metadata.resourceVersion, signal)
    } catch (error) {
      const { message } = toError(error)
      failures.push(new Error(`failed to create PVC ${name}: ${message}`, { cause: error }))
      if (isAlreadyExists(error)) continue // the informer has not seen it yet
      recorder.event(set, 'Warning', 'FailedCreate', `Create ${about(name)} failed error: ${message}`)
    }
  }
  if (failures[0]) throw failures[0]
}

type Template = NonNullable<StatefulSet['spec']['volumeClaimTemplates']>[number]

function draft(set: StatefulSet, { metadata, spec }: Template, name: string): Draft<PersistentVolumeClaim> {
  const { annotations = {}, finalizers = [] } = metadata ?? {}
  const labels = { ...metadata?.labels, ...set.spec.selector.matchLabels }
  return {
    metadata: { namespace: set.metadata.namespace ?? '', name, labels, annotations, finalizers },
    spec: spec ?? {},
  }
}
