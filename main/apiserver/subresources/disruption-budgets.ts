import type { Pod } from '../../../shared/api/core.ts'
import { podDisruptionBudgets, type PodDisruptionBudget } from '../../../shared/api/policy.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { withDisruptionAllowed } from '../../../shared/machinery/disruption-allowed.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { failure, forbidden, type StatusError } from '../../../shared/machinery/status.ts'
import { prefixOf } from '../registry/key.ts'
import { updateObject } from '../registry/update.ts'
import { writeOf, type ResourceCall } from '../verbs/resource-call.ts'

type Status = NonNullable<PodDisruptionBudget['status']>

/** More evictions that no controller has confirmed would make the object too large. */
const mostDisrupted = 2000

/** The budgets that select a pod. */
export async function budgetsOf({ core }: ResourceCall, { metadata }: Pod): Promise<PodDisruptionBudget[]> {
  const { entries } = await core.store.list(prefixOf(podDisruptionBudgets, metadata.namespace))
  const budgets = entries.map(({ object }) => object as PodDisruptionBudget)
  return budgets.filter(({ spec }) => matchesRequirements(requirementsOf(spec.selector), metadata.labels))
}

/**
 * Takes the disruption of a pod from its budget, so that two evictions can't both have the last one, and tells the
 * disruption controller not to count the pod (eviction.go checkAndDecrement). Throws 429 if none is left.
 */
export async function spendDisruption(
  call: ResourceCall,
  { budget, pod, dryRun }: { budget: PodDisruptionBudget; pod: string; dryRun: boolean },
): Promise<void> {
  const { core } = call
  const resource = core.index.find(podDisruptionBudgets)
  if (!resource) return
  const { name } = budget.metadata
  const write = writeOf({ ...call, resource, name }, { subresource: 'status', verb: 'update', dryRun })
  // The server's own write: who evicts need not be allowed to write budgets.
  const own = { ...write, user: { name: 'system:apiserver', groups: ['system:masters'] }, manager: 'kube-apiserver' }
  await updateObject(core, own, old => {
    const current = structuredClone(old) as PodDisruptionBudget
    delete current.metadata.resourceVersion // checked again after a lost race
    return { ...current, status: spent(current, { pod, now: core.clock.now() }) }
  })
}

function spent(budget: PodDisruptionBudget, { pod, now }: { pod: string; now: number }): Status {
  const { name, generation = 0 } = budget.metadata
  const { status = {} } = budget
  const { disruptionsAllowed: left = 0 } = status
  if ((status.observedGeneration ?? 0) < generation) throw stillProcessed(name)
  const subject = { group: 'policy', resource: 'poddisruptionbudget', name }
  if (left < 0) throw forbidden(subject, 'pdb disruptions allowed is negative')
  if (Object.keys(status.disruptedPods ?? {}).length > mostDisrupted) {
    throw forbidden(subject, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  }
  if (left === 0) throw refusal(reasonOf(name, status))
  const disruptionsAllowed = left - 1
  const after = { ...status, disruptionsAllowed, disruptedPods: { ...status.disruptedPods, [pod]: toTime(now) } }
  return disruptionsAllowed === 0 ? withDisruptionAllowed(after, now) : after
}

/** Why a budget allows nothing, in upstream's words. */
function reasonOf(name: string, { conditions, currentHealthy = 0, desiredHealthy = 0 }: Status): string {
  const budget = `The disruption budget ${name}`
  const found = conditions?.find(({ type, status }) => type === 'DisruptionAllowed' && status === 'False')
  const condition = found?.message ? found : undefined
  if (condition?.reason === 'SyncFailed')
    return `${budget} does not allow evicting pods currently because it failed sync: ${condition.message}`
  if (currentHealthy <= desiredHealthy)
    return `${budget} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  const why = condition ? ` (${condition.reason}): ${condition.message}` : ''
  return `${budget} does not allow evicting pods currently${why}`
}

/** 429: the controller has not seen the budget as it is now, or the pod has changed meanwhile. */
export function stillProcessed(budget: string): StatusError {
  return refusal(`The disruption budget ${budget} is still being processed by the server.`, 10)
}

function refusal(message: string, retryAfterSeconds?: number): StatusError {
  return failure({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [{ reason: 'DisruptionBudget', message }],
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
  })
}
