import type { KubeList, KubeObject } from '../../../../shared/api/object.ts'
import { pathOf, type ResourceRef } from '../../../../shared/api/ref.ts'
import type { ClusterRole, RoleBinding } from '../../../../shared/api/rbac.ts'
import type { ApiTransport } from '../../../../shared/client/client.ts'
import { jsonEqual } from '../../../../shared/machinery/json-value.ts'
import { missingRights } from '../covers.ts'
import {
  autoUpdate,
  defaultBindings,
  defaultRoles,
  type Binding,
  type Defaults,
  type Role,
} from './bootstrap-objects.ts'

/**
 * Makes the roles and bindings that every cluster has, and gives back what they have lost (pkg/registry/rbac/rest and
 * component-helpers/auth/rbac/reconciliation): rules, subjects, labels and annotations are added and never taken away, and
 * objects whose autoupdate annotation is "false" are left alone. What is right already is only read. `transport` must be
 * that of a member of system:masters.
 */
export async function reconcilePolicy(transport: ApiTransport): Promise<void> {
  await Promise.all([
    ...defaultRoles().map(defaults => reconcileAll(transport, defaults, completedRole)),
    ...defaultBindings().map(defaults => reconcileAll(transport, defaults, completedBinding)),
  ])
}

type Wanted = Role | Binding

/** What there must be instead of an object; undefined if it is right as it is. */
type Complete<T extends Wanted> = (existing: KubeObject, wanted: T) => KubeObject | 'recreate' | undefined

async function reconcileAll<T extends Wanted>(
  transport: ApiTransport,
  { ref, objects }: Defaults<T>,
  complete: Complete<T>,
): Promise<void> {
  const { items } = await transport.request<KubeList>({ method: 'GET', path: pathOf(ref) })
  const existing = new Map(items.map(object => [keyOf(object), object]))
  await Promise.all(objects.map(wanted => reconcile({ transport, ref, complete }, existing.get(keyOf(wanted)), wanted)))
}

const keyOf = ({ metadata }: { metadata: { namespace?: string; name: string } }) =>
  `${metadata.namespace ?? ''}/${metadata.name}`

interface Way<T extends Wanted> {
  transport: ApiTransport
  ref: ResourceRef
  complete: Complete<T>
}

async function reconcile<T extends Wanted>(
  { transport, ref, complete }: Way<T>,
  existing: KubeObject | undefined,
  wanted: T,
): Promise<void> {
  const { namespace, name } = wanted.metadata
  const create = () => transport.request({ method: 'POST', path: pathOf(ref, { namespace }), body: wanted })
  if (!existing) {
    await create()
    return
  }
  if (existing.metadata.annotations?.[autoUpdate] === 'false') return
  const completed = complete(existing, wanted)
  if (completed === undefined) return
  const path = pathOf(ref, { namespace, name })
  if (completed === 'recreate') {
    await transport.request({ method: 'DELETE', path, body: { preconditions: { uid: existing.metadata.uid } } })
    await create()
  } else {
    await transport.request({ method: 'PUT', path, body: completed })
  }
}

/** With the labels and annotations that are wanted and not set to something else. */
function completedMetadata({ metadata }: KubeObject, wanted: Wanted): KubeObject['metadata'] {
  return {
    ...metadata,
    labels: { ...wanted.metadata.labels, ...metadata.labels },
    annotations: { ...wanted.metadata.annotations, ...metadata.annotations },
  }
}

const unlessSame = <T extends KubeObject>(completed: T, existing: KubeObject) =>
  jsonEqual(completed, existing) ? undefined : completed

function completedRole(existing: KubeObject, wanted: Role): KubeObject | undefined {
  const role = existing as ClusterRole
  const { rules = [], aggregationRule, ...rest } = role
  const wantedRules = wanted.rules ?? []
  // The rules of an aggregated role are its controller's. Most often nothing is missing, and to see that is cheap.
  const isComplete = wanted.aggregationRule !== undefined || jsonEqual(rules, wantedRules)
  const lost = isComplete ? [] : wantedRules.filter(rule => missingRights(rules, [rule]).length > 0)
  const selectors = aggregationRule?.clusterRoleSelectors ?? []
  const wantedSelectors = wanted.aggregationRule?.clusterRoleSelectors ?? []
  const lostSelectors = wantedSelectors.filter(selector => !selectors.some(other => jsonEqual(other, selector)))
  const completed: ClusterRole = {
    ...rest,
    metadata: completedMetadata(existing, wanted),
    ...((role.rules || lost.length > 0) && { rules: [...rules, ...lost] }),
    ...(wanted.aggregationRule && { aggregationRule: { clusterRoleSelectors: [...selectors, ...lostSelectors] } }),
  }
  return unlessSame(completed, existing)
}

function completedBinding(existing: KubeObject, wanted: Binding): KubeObject | 'recreate' | undefined {
  const binding = existing as RoleBinding
  if (!jsonEqual(binding.roleRef, wanted.roleRef)) return 'recreate'
  const subjects = binding.subjects ?? []
  const lost = (wanted.subjects ?? []).filter(subject => !subjects.some(other => jsonEqual(other, subject)))
  const completed: RoleBinding = {
    ...binding,
    metadata: completedMetadata(existing, wanted),
    ...(lost.length > 0 && { subjects: [...subjects, ...lost] }),
  }
  return unlessSame(completed, existing)
}
