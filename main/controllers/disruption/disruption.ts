import { deployments, replicaSets, statefulSets } from '../../../shared/api/apps.ts'
import { pods, replicationControllers, type Pod } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { podDisruptionBudgets, type PodDisruptionBudget } from '../../../shared/api/policy.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import type { Controller, ControllerContext, ControllerWatch } from '../../../shared/client/controller.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { each, mapped } from '../../../shared/client/watches.ts'
import { withCondition, withDisruptionAllowed } from '../../../shared/machinery/disruption-allowed.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { isConflict } from '../../../shared/machinery/status.ts'
import { goLabelSelector } from '../go-label-selector.ts'
import { isReady } from '../pod-state.ts'
import { toError } from '../to-error.ts'
import { expectedPods } from './expected-pods.ts'

type Status = NonNullable<PodDisruptionBudget['status']>

/** A pod whose eviction was allowed counts as gone for so long, in case its deletion never comes. */
const deletionTimeout = 120_000

const selects = ({ spec }: PodDisruptionBudget, pod: Pod) =>
  matchesRequirements(requirementsOf(spec.selector), pod.metadata.labels)

/** Budgets reckon with the size of workloads. */
function resizes<T extends KubeObject & { spec: { replicas?: number } }>(ref: ResourceRef<T>): ControllerWatch<T> {
  return {
    ref,
    keys({ now, before }, informers) {
      if (now?.spec.replicas === before?.spec.replicas) return []
      const namespace = (now ?? before)?.metadata.namespace
      return informers.informer(podDisruptionBudgets).list(namespace).map(keyOf)
    },
  }
}

/** Reckons how many pods each disruption budget lets go (pkg/controller/disruption). */
export const disruptionController: Controller = {
  name: 'controllermanager', // as its Events name it upstream
  watches: [
    each(podDisruptionBudgets),
    mapped(pods, (pod, informers) =>
      informers
        .informer(podDisruptionBudgets)
        .list(pod.metadata.namespace)
        .filter(budget => selects(budget, pod))
        .map(keyOf),
    ),
    resizes(deployments),
    resizes(replicaSets),
    resizes(statefulSets),
    resizes(replicationControllers),
  ],

  async reconcile(key, context) {
    const { client, informers, clock } = context
    const budget = informers.informer(podDisruptionBudgets).get(key)
    if (!budget) return undefined
    const now = clock.now()
    const write = async (status: Status) => {
      if (!jsonEqual(status, budget.status)) await client.update(podDisruptionBudgets, { ...budget, status }, 'status')
    }
    try {
      const { status, recheckAfter } = await reckon(budget, now, context)
      await write(status)
      return recheckAfter === undefined ? undefined : { requeueAfter: recheckAfter }
    } catch (thrown) {
      if (isConflict(thrown) || context.signal.aborted) throw thrown
      // Nothing may be evicted while nobody knows whether it might.
      const { message } = toError(thrown)
      const failed = { status: 'False', reason: 'SyncFailed', message }
      await write(withCondition({ ...budget.status, disruptionsAllowed: 0 }, failed, now))
      return undefined
    }
  },
}

async function reckon(budget: PodDisruptionBudget, now: number, context: ControllerContext) {
  const { recorder, informers } = context
  const { namespace = '', generation } = budget.metadata
  const selected = informers
    .informer(pods)
    .list(namespace)
    .filter(pod => selects(budget, pod))
  if (selected.length === 0) recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found')
  const expected = await expectedPods(budget, selected, context).catch((error: unknown) => {
    const message = `Failed to calculate the number of expected pods: ${toError(error).message}`
    recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', message)
    throw error
  })
  if (expected.unmanaged.length > 0) recorder.event(budget, 'Warning', 'UnmanagedPods', unmanaged(budget))

  const { disrupted, recheckAfter } = stillExpected(budget, { pods: selected, now }, context)
  const healthy = selected.filter(
    pod => !pod.metadata.deletionTimestamp && !Object.hasOwn(disrupted, pod.metadata.name) && isReady(pod),
  ).length
  const allowed = expected.pods > 0 ? Math.max(0, healthy - expected.healthy) : 0
  const status = {
    ...(budget.status?.conditions && { conditions: budget.status.conditions }),
    currentHealthy: healthy,
    desiredHealthy: expected.healthy,
    expectedPods: expected.pods,
    disruptionsAllowed: allowed,
    ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
    ...(generation !== undefined && { observedGeneration: generation }),
  }
  return { status: withDisruptionAllowed(status, now), recheckAfter }
}

/** The evictions whose deletions are still to come, and in how long (ms) the first of them is given up. */
function stillExpected(
  budget: PodDisruptionBudget,
  { pods: selected, now }: { pods: readonly Pod[]; now: number },
  { recorder }: ControllerContext,
) {
  const disrupted: Record<string, string> = {}
  const waits: number[] = []
  for (const pod of selected) {
    const at = budget.status?.disruptedPods?.[pod.metadata.name]
    if (at === undefined || pod.metadata.deletionTimestamp) continue
    const left = Date.parse(at) + deletionTimeout - now
    if (left > 0) {
      disrupted[pod.metadata.name] = at
      waits.push(left)
    } else {
      const message = `Pod was expected by PDB ${keyText(keyOf(budget))} to be deleted but it wasn't`
      recorder.event(pod, 'Warning', 'NotDeleted', message)
    }
  }
  return { disrupted, recheckAfter: waits.length > 0 ? Math.min(...waits) : undefined }
}

function unmanaged({ spec }: PodDisruptionBudget): string {
  return `Pods selected by this PodDisruptionBudget (selector: ${goLabelSelector(spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`
}
