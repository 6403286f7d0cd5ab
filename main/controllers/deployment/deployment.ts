import { deployments, replicaSets, type Deployment, type ReplicaSet } from '../../../shared/api/apps.ts'
import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import type { Informers } from '../../../shared/client/informer.ts'
import { controllerOf, each, mapped, ownedBy, refersTo } from '../../../shared/client/watches.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { claim } from '../claim.ts'
import { conditionOf, isTerminal } from '../pod-state.ts'
import { deploymentStatus, withCondition } from './deployment-status.ts'
import { hasDeadline, isComplete, timesOutIn, withProgress } from './progress.ts'
import { resize, wasResized } from './proportional.ts'
import { isInUse, splitReplicaSets } from './replica-sets.ts'
import { growCurrent, shrinkOld, wanted } from './rolling.ts'
import { applySteps, cleanUp, syncCurrent, writeStatus } from './sync.ts'

interface Sets {
  current: ReplicaSet | undefined
  old: readonly ReplicaSet[]
}

/**
 * Rolls a Deployment's pod template out through ReplicaSets (pkg/controller/deployment). A stale read costs a Conflict
 * at worst: sizes are written with the resourceVersion they were computed from, and a new ReplicaSet's name comes from
 * its template, so it can't be created twice.
 */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  watches: [
    each(deployments),
    ownedBy(deployments, replicaSets),
    // Orphans: whoever selects them may adopt them.
    mapped(replicaSets, (replicaSet, informers) => (controllerOf(replicaSet) ? [] : selecting(replicaSet, informers))),
    // Recreate goes on when the last old pod is gone.
    mapped(pods, ownersOfPod),
  ],

  async reconcile(key, context) {
    const { client, informers, recorder, clock } = context
    const deployment = informers.informer(deployments).get(key)
    if (!deployment) return undefined

    const { matchLabels = {}, matchExpressions = [] } = deployment.spec.selector
    if (Object.keys(matchLabels).length === 0 && matchExpressions.length === 0) {
      const message = 'This deployment is selecting all pods. A non-empty selector is required.'
      recorder.event(deployment, 'Warning', 'SelectingAll', message)
      const observedGeneration = deployment.metadata.generation ?? 0
      await writeStatus(deployment, { ...deployment.status, observedGeneration }, context)
      return undefined
    }

    const candidates = informers.informer(replicaSets).list(key.namespace)
    const owner = { owner: deployment, ownerKind: deployments, childKind: replicaSets }
    const sets = splitReplicaSets(
      deployment,
      await claim({ client, ...owner, selector: deployment.spec.selector, candidates }),
    )

    if (deployment.metadata.deletionTimestamp) {
      await writeStatus(deployment, deploymentStatus(deployment, sets, clock.now()), context)
      return undefined
    }
    return advance(await notePause(deployment, context), sets, context)
  },
}

async function advance(given: Deployment, sets: Sets, context: ControllerContext) {
  const { clock } = context
  if (given.spec.paused || wasResized(given, sets)) {
    const { deployment, current } = await syncCurrent(given, { ...sets, create: false }, context)
    await applySteps(deployment, resize(deployment, { ...sets, current }), context)
    if (deployment.spec.paused) await cleanUp(deployment, sets.old, context)
    await writeStatus(deployment, deploymentStatus(deployment, { ...sets, current }, clock.now()), context)
    return undefined
  }
  const roll = given.spec.strategy?.type === 'Recreate' ? recreate : rollingUpdate
  const { deployment, current, moved } = await roll(given, sets, context)
  const seen = { current, old: sets.old }
  const now = clock.now()
  const fresh = deploymentStatus(deployment, seen, now)
  if (!moved && isComplete(deployment, fresh)) await cleanUp(deployment, sets.old, context)
  const written = await writeStatus(deployment, withProgress(deployment, fresh, { ...seen, now }), context)
  const wait = isComplete(written, written.status ?? {}) ? undefined : timesOutIn(written, now)
  // A second more, as upstream does, so that the deadline has surely passed.
  return wait === undefined || isTimedOut(written) ? undefined : { requeueAfter: wait + 1000 }
}

async function rollingUpdate(given: Deployment, sets: Sets, context: ControllerContext) {
  const { deployment, current } = await syncCurrent(given, { ...sets, create: true }, context)
  if (!current) return { deployment, current, moved: false }
  const rollout = { deployment, current, old: sets.old.filter(isInUse) }
  const growth = growCurrent(rollout)
  const moved = await applySteps(deployment, growth ? [growth] : shrinkOld(rollout), context)
  return { deployment, current, moved }
}

async function recreate(given: Deployment, sets: Sets, context: ControllerContext) {
  const first = await syncCurrent(given, { ...sets, create: false }, context)
  const stops = sets.old.filter(isInUse).map(replicaSet => ({ replicaSet, replicas: 0 }))
  if (await applySteps(first.deployment, stops, context)) return { ...first, moved: true }
  if (runsOldPods(sets, context.informers)) return { ...first, moved: true }
  const { deployment, current } = await syncCurrent(first.deployment, { ...sets, ...first, create: true }, context)
  const start = current ? [{ replicaSet: current, replicas: wanted(deployment) }] : []
  return { deployment, current, moved: await applySteps(deployment, start, context) }
}

/** Old pods that still run or stop; Failed and Succeeded ones never will again. */
function runsOldPods({ old }: Sets, informers: Informers): boolean {
  return old.some(
    replicaSet =>
      (replicaSet.status?.replicas ?? 0) > 0 ||
      informers
        .informer(pods)
        .by('owner-uid', replicaSet.metadata.uid)
        .some(pod => !isTerminal(pod)),
  )
}

/** Pausing stops the progress deadline, resuming starts it anew (deployment/sync.go checkPausedConditions). */
async function notePause(deployment: Deployment, context: ControllerContext): Promise<Deployment> {
  const status = deployment.status ?? {}
  const reason = conditionOf(status.conditions, 'Progressing')?.reason
  if (!hasDeadline(deployment) || reason === 'ProgressDeadlineExceeded') return deployment
  const isNoted = reason === 'DeploymentPaused'
  if (isNoted === (deployment.spec.paused ?? false)) return deployment
  const condition = deployment.spec.paused
    ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { reason: 'DeploymentResumed', message: 'Deployment is resumed' }
  const noted = withCondition(status, { type: 'Progressing', status: 'Unknown', ...condition }, context.clock.now())
  return writeStatus(deployment, noted, context)
}

const isTimedOut = ({ status }: Deployment) =>
  conditionOf(status?.conditions, 'Progressing')?.reason === 'ProgressDeadlineExceeded'

function selecting(replicaSet: ReplicaSet, informers: Informers) {
  return informers
    .informer(deployments)
    .list(replicaSet.metadata.namespace)
    .filter(deployment => matchesRequirements(requirementsOf(deployment.spec.selector), replicaSet.metadata.labels))
    .map(keyOf)
}

/** The Recreate Deployment behind a pod's ReplicaSet. */
function ownersOfPod(pod: Pod, informers: Informers) {
  const owner = controllerOf(pod)
  if (!owner || !refersTo(owner, replicaSets)) return []
  const { namespace = '' } = pod.metadata
  const replicaSet = informers.informer(replicaSets).get({ namespace, name: owner.name })
  const controller = replicaSet && controllerOf(replicaSet)
  if (!controller || !refersTo(controller, deployments)) return []
  const deployment = informers.informer(deployments).get({ namespace, name: controller.name })
  return deployment?.spec.strategy?.type === 'Recreate' ? [keyOf(deployment)] : []
}
