import { deployments, replicaSets, type Deployment, type ReplicaSet } from '../../../shared/api/apps.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { controllerOf, controllerRef } from '../../../shared/client/watches.ts'
import { unlessGone } from '../../../shared/client/unless-gone.ts'
import { podTemplateHash } from '../../../shared/machinery/hash.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import { isNamespaceTerminating } from '../namespace-terminating.ts'
import { toError } from '../to-error.ts'
import {
  byRevision,
  lastRevision,
  revisionAnnotation,
  revisionOf,
  rolloutAnnotations,
  sizeAnnotations,
} from './annotations.ts'
import { withCondition } from './deployment-status.ts'
import { hasDeadline } from './progress.ts'
import { byAge, hashLabel, runsTemplate, size } from './replica-sets.ts'
import { currentSize, type Step } from './rolling.ts'

interface Sets {
  current: ReplicaSet | undefined
  old: readonly ReplicaSet[]
}

/** Characters that a DNS subdomain may have. */
const longestName = 253

/** Writes a status if it differs; the Deployment as it is then. */
export async function writeStatus(
  deployment: Deployment,
  status: NonNullable<Deployment['status']>,
  { client }: ControllerContext,
): Promise<Deployment> {
  if (jsonEqual(status, deployment.status)) return deployment
  return client.update(deployments, { ...deployment, status }, 'status')
}

/**
 * Brings the ReplicaSet of the current template up to date with its Deployment, creating it if asked to, and the
 * Deployment's revision with it (deployment/sync.go getNewReplicaSet). Undefined if there is none.
 */
export async function syncCurrent(
  deployment: Deployment,
  { current, old, create }: Sets & { create: boolean },
  context: ControllerContext,
): Promise<{ deployment: Deployment; current: ReplicaSet | undefined }> {
  const revision = lastRevision(old) + 1n
  if (current) {
    const updated = await updateCurrent(deployment, { current, revision }, context)
    const noted = await noteProgress(deployment, context, {
      reason: 'FoundNewReplicaSet',
      message: `Found new replica set "${updated.metadata.name}"`,
      onlyFirst: true,
    })
    return { deployment: await setRevision(noted, revisionOf(updated), context), current: updated }
  }
  if (!create) return { deployment, current: undefined }
  const created = await createCurrent(deployment, { old, revision }, context)
  if (!created) return { deployment, current: undefined }
  const noted = await noteProgress(deployment, context, {
    reason: 'NewReplicaSetCreated',
    message: `Created new replica set "${created.metadata.name}"`,
    onlyFirst: false,
  })
  return { deployment: await setRevision(noted, revisionOf(created), context), current: created }
}

async function updateCurrent(
  deployment: Deployment,
  { current, revision }: { current: ReplicaSet; revision: bigint },
  { client }: ControllerContext,
): Promise<ReplicaSet> {
  const before = current.metadata.annotations ?? {}
  const annotations = rolloutAnnotations(deployment, before, revision)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  if (jsonEqual(before, annotations) && (current.spec.minReadySeconds ?? 0) === minReadySeconds) return current
  const metadata = { ...current.metadata, annotations }
  return client.update(replicaSets, { ...current, metadata, spec: { ...current.spec, minReadySeconds } })
}

async function createCurrent(
  deployment: Deployment,
  { old, revision }: { old: readonly ReplicaSet[]; revision: bigint },
  context: ControllerContext,
): Promise<ReplicaSet | undefined> {
  const { client, informers, recorder, clock, signal } = context
  const { template, selector, minReadySeconds = 0 } = deployment.spec
  const hash = podTemplateHash(template, deployment.status?.collisionCount)
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  const name = replicaSetName(deployment.metadata.name, hash)
  const { namespace = '' } = deployment.metadata
  try {
    const created = await client.create(replicaSets, {
      metadata: {
        name,
        namespace,
        labels,
        annotations: { ...rolloutAnnotations(deployment, {}, revision), ...sizeAnnotations(deployment) },
        ownerReferences: [controllerRef(deployment, deployments)],
      },
      spec: {
        replicas: currentSize(deployment, { all: old, from: 0 }),
        minReadySeconds,
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    })
    const message = `Scaled up replica set ${name} from 0 to ${size(created)}`
    if (size(created) > 0) recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message)
    await informers.informer(replicaSets).reached(created.metadata.resourceVersion, signal)
    return created
  } catch (error) {
    if (isAlreadyExists(error)) {
      const taken = await client.get(replicaSets, { namespace, name })
      if (controllerOf(taken)?.uid === deployment.metadata.uid && runsTemplate(deployment, taken)) return taken
      // Another template has the same hash: count the collision, which makes the next hash another one.
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
      await writeStatus(deployment, { ...deployment.status, collisionCount }, context)
      throw error
    }
    if (isNamespaceTerminating(error) || signal.aborted) return undefined
    const message = `Failed to create new replica set "${name}": ${toError(error).message}`
    recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
    if (hasDeadline(deployment)) {
      const condition = { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message }
      await writeStatus(deployment, withCondition(deployment.status ?? {}, condition, clock.now()), context)
    }
    throw error
  }
}

/** Cut so that the hash fits, too (deployment/sync.go generateReplicaSetName). */
const replicaSetName = (deployment: string, hash: string) =>
  `${deployment.slice(0, longestName - 1 - hash.length)}-${hash}`

async function noteProgress(
  deployment: Deployment,
  context: ControllerContext,
  { reason, message, onlyFirst }: { reason: string; message: string; onlyFirst: boolean },
): Promise<Deployment> {
  if (!hasDeadline(deployment)) return deployment
  const status = deployment.status ?? {}
  if (onlyFirst && status.conditions?.some(condition => condition.type === 'Progressing')) return deployment
  const condition = { type: 'Progressing', status: 'True', reason, message }
  return writeStatus(deployment, withCondition(status, condition, context.clock.now()), context)
}

async function setRevision(
  deployment: Deployment,
  revision: bigint,
  { client }: ControllerContext,
): Promise<Deployment> {
  if (revisionOf(deployment) === revision) return deployment
  const body = { metadata: { uid: deployment.metadata.uid, annotations: { [revisionAnnotation]: String(revision) } } }
  return client.patch(deployments, keyOf(deployment), { type: 'application/merge-patch+json', body })
}

/** Resizes ReplicaSets and notes in each what the Deployment's size was; whether a size changed. */
export async function applySteps(
  deployment: Deployment,
  steps: readonly Step[],
  { client, recorder }: ControllerContext,
): Promise<boolean> {
  let changed = false
  for (const { replicaSet, replicas } of steps) {
    const { name, annotations: before = {} } = replicaSet.metadata
    const annotations = { ...before, ...sizeAnnotations(deployment) }
    const from = size(replicaSet)
    if (from === replicas && jsonEqual(before, annotations)) continue
    const metadata = { ...replicaSet.metadata, annotations }
    await client.update(replicaSets, { ...replicaSet, metadata, spec: { ...replicaSet.spec, replicas } })
    if (from === replicas) continue
    changed = true
    const direction = replicas > from ? 'up' : 'down'
    const message = `Scaled ${direction} replica set ${name} from ${from} to ${replicas}`
    recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message)
  }
  return changed
}

/** Deletes old ReplicaSets beyond revisionHistoryLimit, the oldest revisions first, only empty ones. */
export async function cleanUp(
  deployment: Deployment,
  old: readonly ReplicaSet[],
  { client }: ControllerContext,
): Promise<void> {
  const limit = deployment.spec.revisionHistoryLimit ?? 10
  const alive = old.filter(replicaSet => !replicaSet.metadata.deletionTimestamp)
  const surplus = byAge(alive)
    .sort(byRevision)
    .slice(0, Math.max(0, alive.length - limit))
  for (const replicaSet of surplus) {
    const { generation = 0 } = replicaSet.metadata
    const isEmpty = size(replicaSet) === 0 && (replicaSet.status?.replicas ?? 0) === 0
    if (!isEmpty || generation > (replicaSet.status?.observedGeneration ?? 0)) continue
    await unlessGone(client.delete(replicaSets, keyOf(replicaSet)))
  }
}
