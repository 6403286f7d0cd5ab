import { resourceQuotas, type ResourceQuota } from '../../../shared/api/core.ts'
import { groupResourceOf, type ResourceRef } from '../../../shared/api/ref.ts'
import type { Controller, ControllerWatch } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { quotaEvaluatorOf } from '../../../shared/machinery/quota/evaluators.ts'
import { pickResources, sameResources } from '../../../shared/machinery/resource-list.ts'
import { watchKinds, type LiveKinds } from '../live-kinds.ts'
import { quotaUsage } from './quota-usage.ts'

interface Options {
  /** Every namespaced kind that can be watched. */
  kinds: LiveKinds
  now: () => number
}

/** How often everything is counted anew: what was charged for writes that failed is found then (kube-controller-manager's --resource-quota-sync-period). */
const resync = 5 * 60_000

/**
 * Writes what quotas limit and how much of it is in use (pkg/controller/resourcequota). What is added has been charged by
 * admission, which this leaves alone: it counts when a quota changes and when something goes or shrinks.
 */
export function resourceQuotaController({ kinds, now }: Options): Controller {
  return {
    name: 'resourcequota-controller',
    watches: watchKinds(kinds, ref => watchFor(ref, now)),

    async reconcile(key, { client, informers }) {
      const quota = informers.informer(resourceQuotas).get(key)
      if (!quota) return undefined
      const hard = quota.spec.hard ?? {}
      const counted = quotaUsage(quota, {
        kinds: kinds.current(),
        list: ref => informers.informer(ref).list(key.namespace),
        now: now(),
      })
      // Of what can't be counted now the last known number stays.
      const used = pickResources({ ...quota.status?.used, ...counted }, name => hard[name] !== undefined)
      if (!isStated(quota) || !sameResources(used, quota.status?.used ?? {})) {
        await client.update(resourceQuotas, { ...quota, status: { hard, used } }, 'status')
      }
      return { requeueAfter: resync }
    },
  }
}

/** Whether the status says what the spec limits, and how much is in use. */
function isStated({ spec, status }: ResourceQuota): boolean {
  return status?.used !== undefined && sameResources(spec.hard ?? {}, status.hard ?? {})
}

/** The quotas of a namespace that count a kind of which something goes or shrinks; and each whose limits change. */
function watchFor(ref: ResourceRef, time: () => number): ControllerWatch {
  const evaluator = quotaEvaluatorOf(ref)
  const isQuota = groupResourceOf(ref) === groupResourceOf(resourceQuotas)
  const limits = ({ status }: ResourceQuota) => Object.keys(status?.hard ?? {}).some(name => evaluator?.counts(name))
  return {
    ref,
    keys({ now: object, before }, informers) {
      const own = isQuota && object && hasNewLimits(object as ResourceQuota, before as ResourceQuota) ? [object] : []
      const quotas = before ? informers.informer(resourceQuotas).list(before.metadata.namespace ?? '') : []
      const isFreed = quotas.length > 0 && before && (!object || evaluator?.frees?.(object, before, time()))
      return [...own, ...(isFreed ? quotas.filter(limits) : [])].map(keyOf)
    },
  }
}

/** All changes of a status are admission's and this controller's. */
function hasNewLimits({ spec }: ResourceQuota, before: ResourceQuota | undefined): boolean {
  return !before || !sameResources(spec.hard ?? {}, before.spec.hard ?? {})
}
