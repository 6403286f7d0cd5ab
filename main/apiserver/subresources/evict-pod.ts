import { pods, type Pod } from '../../../shared/api/core.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { isConflict, notFound } from '../../../shared/machinery/status.ts'
import { deleteObject } from '../registry/delete.ts'
import type { DeletionOptions } from '../registry/deletion-options.ts'
import { find } from '../registry/find.ts'
import { subjectOf, type Core } from '../registry/core.ts'
import { checkPreconditions } from '../registry/preconditions.ts'
import { updateObject } from '../registry/update.ts'
import { writeOf, type ResourceCall } from '../verbs/resource-call.ts'
import { budgetsOf, spendDisruption, stillProcessed } from './disruption-budgets.ts'

interface Eviction {
  /** Of the eviction, which is admitted already. */
  core: Core
  options: DeletionOptions
  dryRun: boolean
}

/** Attempts while others change a pod, as many as upstream makes. */
const attempts = 20

/**
 * Deletes a pod if its disruption budget allows it (registry/core/pod/storage/eviction.go). 'ambiguous' if it has more
 * than one; throws 429 if the budget refuses.
 */
export async function evictPod(call: ResourceCall, eviction: Eviction): Promise<'evicted' | 'ambiguous'> {
  const { options } = eviction
  const isPinned = options.preconditions?.resourceVersion !== undefined
  for (let attempt = 1; ; attempt++) {
    const pod = find(call.core.store, pods, call)
    if (!pod) throw notFound(subjectOf(call.resource, call.name))
    if (!isBeyondBudgets(pod)) return evictRunning(call, pod, eviction)
    try {
      // What may come up meanwhile must not be evicted past its budget.
      const guarded = !isEnded(pod) && !isPinned ? pinnedTo(options, pod) : options
      await markAndDelete(call, { ...eviction, options: guarded })
      return 'evicted'
    } catch (error) {
      if (isPinned || !isConflict(error) || attempt === attempts) throw error
    }
  }
}

const isEnded = ({ metadata, status }: Pod) =>
  ['Succeeded', 'Failed'].includes(status?.phase ?? '') || metadata.deletionTimestamp !== undefined

/** What does not serve anyone can go at any time (canIgnorePDB). */
const isBeyondBudgets = (pod: Pod) => isEnded(pod) || pod.status?.phase === 'Pending'

const pinnedTo = (options: DeletionOptions, { metadata }: Pod): DeletionOptions => ({
  ...options,
  preconditions: {
    ...options.preconditions,
    ...(metadata.resourceVersion !== undefined && { resourceVersion: metadata.resourceVersion }),
  },
})

async function evictRunning(call: ResourceCall, pod: Pod, eviction: Eviction): Promise<'evicted' | 'ambiguous'> {
  const { options, dryRun } = eviction
  const budgets = await budgetsOf(call, pod)
  if (budgets.length > 1) return 'ambiguous'
  const [budget] = budgets
  const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  const { desiredHealthy = 0, currentHealthy = 0 } = budget?.status ?? {}
  // Not healthy: its eviction disrupts nobody if there are enough others, or if the budget says so (KEP-3017).
  const isHarmless =
    budget !== undefined &&
    !isReady &&
    (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
      (currentHealthy >= desiredHealthy && desiredHealthy > 0))
  if (budget && !isHarmless) await spendDisruption(call, { budget, pod: call.name, dryRun })
  try {
    await markAndDelete(call, isHarmless ? { ...eviction, options: pinnedTo(options, pod) } : eviction)
  } catch (error) {
    const isOurs = isHarmless && options.preconditions?.resourceVersion === undefined
    throw isOurs && isConflict(error) ? stillProcessed(budget.metadata.name) : error
  }
  return 'evicted'
}

/** Says in the pod's status why it goes (KEP-3329), then deletes it. */
async function markAndDelete(call: ResourceCall, { core, options, dryRun }: Eviction): Promise<void> {
  const write = writeOf(call, { dryRun })
  if (dryRun) {
    await deleteObject(core, write, options)
    return
  }
  const { object } = await updateObject(core, { ...write, subresource: 'status' }, old => {
    checkPreconditions(write, options, old)
    return marked(old as Pod, { now: core.clock.now(), isPinned: options.preconditions?.resourceVersion !== undefined })
  })
  const { resourceVersion } = object.metadata
  const isPinned = options.preconditions?.resourceVersion !== undefined && resourceVersion !== undefined
  const preconditions = { ...options.preconditions, ...(isPinned && { resourceVersion }) }
  await deleteObject(core, write, { ...options, preconditions })
}

function marked(old: Pod, { now, isPinned }: { now: number; isPinned: boolean }): Pod {
  const conditions = old.status?.conditions ?? []
  const before = conditions.find(({ type }) => type === 'DisruptionTarget')
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: (before?.status === 'True' && before.lastTransitionTime) || toTime(now),
  }
  const { resourceVersion = '', ...metadata } = old.metadata
  return {
    ...structuredClone(old),
    metadata: structuredClone(isPinned ? { ...metadata, resourceVersion } : metadata),
    status: { ...old.status, conditions: [...conditions.filter(each => each !== before), condition] },
  }
}
