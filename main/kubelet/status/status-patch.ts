import type { Pod } from '../../../shared/api/core.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { resizeConditions, type PodCondition } from './pod-conditions.ts'
import type { PodStatus } from './pod-status.ts'

/**
 * The strategic merge patch that brings a pod's status to `wanted`, or undefined if there is nothing to write. Conditions
 * of others are left alone; the uid keeps it from another pod of the same name. Fields that `wanted` leaves out stay.
 */
export function statusPatch(pod: Pod, wanted: PodStatus): object | undefined {
  const old = pod.status ?? {}
  const status: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(wanted)) {
    const before = old[key as keyof PodStatus]
    if (key === 'conditions' || jsonEqual(before, value)) continue
    // podIPs and hostIPs merge by address: without the directive an old address would stay.
    const merges = (key === 'podIPs' || key === 'hostIPs') && Array.isArray(before) && before.length > 0
    // What is no more asked for would stay in a list of resources.
    if ((key === 'resources' || key === 'allocatedResources') && before !== undefined) {
      status[key] = { ...(value as object), $patch: 'replace' }
      continue
    }
    status[key] = merges ? [...(value as object[]), { $patch: 'replace' }] : value
  }
  const conditions: object[] = (wanted.conditions ?? []).flatMap(c => changedCondition(current(old.conditions, c), c))
  for (const { type } of old.conditions ?? [])
    if (resizeConditions.includes(type) && !wanted.conditions?.some(c => c.type === type))
      conditions.push({ type, $patch: 'delete' })
  if (conditions.length > 0) status.conditions = conditions
  return Object.keys(status).length > 0 ? { metadata: { uid: pod.metadata.uid }, status } : undefined
}

function current(conditions: PodCondition[] | undefined, { type }: PodCondition) {
  const found = conditions?.find(c => c.type === type)
  if (!found) return undefined
  // Upstream's conditions carry an explicit null here; ours don't.
  const { lastProbeTime: _, ...rest } = found
  return rest
}

/** What a merge needs to turn one into the other: nulls for what must go. */
function changedCondition(before: Partial<PodCondition> | undefined, now: PodCondition): object[] {
  if (jsonEqual(before, now)) return []
  const gone = (['reason', 'message'] as const).filter(key => before?.[key] !== undefined && now[key] === undefined)
  return [{ ...Object.fromEntries(gone.map(key => [key, null])), ...now }]
}
