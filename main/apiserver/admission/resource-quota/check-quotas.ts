import type { ResourceQuota } from '../../../../shared/api/core.ts'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { compareQuantities } from '../../../../shared/machinery/quantity.ts'
import { isInScopes, type QuotaEvaluator } from '../../../../shared/machinery/quota/evaluator.ts'
import { addResources, excessResources, pickResources } from '../../../../shared/machinery/resource-list.ts'
import type { ResourceList } from '../../../../shared/machinery/resource-list.ts'
import type { AdmissionRequest } from '../admission.ts'

/** A write that quotas may limit. */
export interface Charge {
  readonly request: AdmissionRequest & { readonly object: KubeObject }
  readonly evaluator: QuotaEvaluator
}

/** The quotas after a write, those that it does not touch as they were; or why there is no room for it. */
export type Checked = { quotas: readonly ResourceQuota[] } | { refused: string }

/** Holds one write against quotas, which it does not change (admission/plugin/resourcequota CheckRequest). */
export function checkQuotas(quotas: readonly ResourceQuota[], { request, evaluator }: Charge, now: number): Checked {
  const { object, old } = request
  const concerned = quotas.filter(quota => applies(evaluator, quota, object))
  for (const { metadata, status } of concerned) {
    const limited = Object.keys(status?.hard ?? {}).filter(name => evaluator.counts(name))
    const lack = evaluator.lacks?.(limited, object)
    if (lack !== undefined) return { refused: `failed quota: ${metadata.name}: ${lack}` }
    if (limited.some(name => status?.used?.[name] === undefined)) {
      return { refused: `status unknown for quota: ${metadata.name}, resources: ${limited.sort().join(',')}` }
    }
  }

  const usage = evaluator.usage(object, now)
  const negative = Object.keys(pickResources(usage, (_, amount) => compareQuantities(amount, '0') < 0))
  if (negative.length > 0) return { refused: `quota usage is negative for resource(s): ${negative.sort().join(',')}` }
  const growth = old ? excessResources(usage, evaluator.usage(old, now)) : usage

  const after = new Map<ResourceQuota, ResourceQuota>()
  for (const quota of concerned) {
    // What moves into a scope is charged in full.
    const more = nonZero(old && applies(evaluator, quota, old) ? growth : usage)
    const outcome = charge(quota, more, request.subresource !== 'status')
    if ('refused' in outcome) return outcome
    if (outcome.quota !== quota) after.set(quota, outcome.quota)
  }
  return { quotas: after.size === 0 ? quotas : quotas.map(quota => after.get(quota) ?? quota) }
}

function applies(evaluator: QuotaEvaluator, quota: ResourceQuota, object: KubeObject): boolean {
  const counted = Object.keys(quota.status?.hard ?? {}).some(name => evaluator.counts(name))
  return counted && isInScopes(evaluator, quota, object)
}

const nonZero = (list: ResourceList) => pickResources(list, (_, amount) => compareQuantities(amount, '0') !== 0)

/** The quota with an amount more in use; what is there already can't be refused, only counted. */
function charge(
  quota: ResourceQuota,
  more: ResourceList,
  limits: boolean,
): { quota: ResourceQuota } | { refused: string } {
  const { hard = {}, used = {} } = quota.status ?? {}
  const requested = pickResources(more, name => hard[name] !== undefined)
  if (Object.keys(requested).length === 0) return { quota }
  const total = addResources(used, requested)
  const exceeded = (name: string) =>
    requested[name] !== undefined && compareQuantities(total[name] ?? '0', hard[name] ?? '0') > 0
  if (limits && Object.keys(hard).some(exceeded)) {
    const parts = { requested, used, limited: hard }
    const text = Object.entries(parts).map(([title, list]) => `${title}: ${print(pickResources(list, exceeded))}`)
    return { refused: `exceeded quota: ${quota.metadata.name}, ${text.join(', ')}` }
  }
  return { quota: { ...quota, status: { ...quota.status, used: total } } }
}

/** `cpu=1,pods=2` */
function print(list: ResourceList): string {
  const names = Object.keys(list).sort()
  return names.map(name => `${name}=${list[name] ?? ''}`).join(',')
}
