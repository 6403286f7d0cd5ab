import type { ResourceQuota } from '../../api/core.ts'
import type { KubeObject } from '../../api/object.ts'
import { groupResourceOf, type ResourceRef } from '../../api/ref.ts'
import type { ResourceList } from '../resource-list.ts'

/** One condition of a quota on what it counts. */
export type Scope = NonNullable<NonNullable<ResourceQuota['spec']['scopeSelector']>['matchExpressions']>[number]

/** A write as far as it may change what quotas count. */
interface Change<T extends KubeObject = KubeObject> {
  readonly operation: string
  readonly subresource: string
  readonly object: T
  readonly old: T | undefined
}

/** How the objects of one kind are counted against quotas (apiserver/pkg/quota/v1 Evaluator). */
export interface QuotaEvaluator<T extends KubeObject = KubeObject> {
  /** Whether objects of the kind count for a resource of this name. */
  counts(name: string): boolean
  /** What one object is charged for; `now` in milliseconds. */
  usage(object: T, now: number): ResourceList
  /** Whether a write is to be checked. */
  handles(change: Change<T>): boolean
  /** Whether an object is in a scope; without it the kind is in none. */
  isInScope?(scope: Scope, object: T): boolean
  /** Why an object lacks what these resources of a quota require of it. */
  lacks?(names: readonly string[], object: T): string | undefined
  /** Whether a change of an object may free what it was charged for. Its deletion always does. */
  frees?(object: T, before: T, now: number): boolean
}

/** What a quota's scopes ask for, in one form. */
function scopesOf({ spec }: ResourceQuota): Scope[] {
  const plain = (spec.scopes ?? []).map(scopeName => ({ scopeName, operator: 'Exists' }))
  return [...plain, ...(spec.scopeSelector?.matchExpressions ?? [])]
}

/** Whether an object is in all scopes of a quota. */
export function isInScopes(evaluator: QuotaEvaluator, quota: ResourceQuota, object: KubeObject): boolean {
  return scopesOf(quota).every(scope => evaluator.isInScope?.(scope, object) ?? false)
}

/** Whether names meet the operator and values of a scope, which reads like a label requirement. */
export function meetsScope({ operator, values = [] }: Scope, names: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return names.some(name => values.includes(name))
    case 'NotIn':
      return names.length === 0 || names.some(name => !values.includes(name))
    case 'Exists':
      return names.length > 0
    default:
      return names.length === 0
  }
}

/** The name under which the number of a kind's objects can be limited. */
export function countName(ref: Pick<ResourceRef, 'group' | 'resource'>): string {
  return `count/${groupResourceOf(ref)}`
}
