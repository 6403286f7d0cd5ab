import type { ResourceQuota } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, invalid, key, required } from '../../../../shared/machinery/field-errors.ts'
import { immutable } from '../../faults.ts'
import { validateQuantity } from '../quantity-validation.ts'
import { validateResourceName } from '../container/resource-validation.ts'

type Spec = ResourceQuota['spec']
type Requirement = NonNullable<NonNullable<Spec['scopeSelector']>['matchExpressions']>[number]

const podCompute = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']
const podCounts = ['pods', ...podCompute]
const claimCounts = ['persistentvolumeclaims', 'requests.storage']

/** What can be limited without a domain (helper.IsStandardQuotaResourceName). */
const standard = new Set([
  ...podCounts,
  ...claimCounts,
  'ephemeral-storage',
  'requests.ephemeral-storage',
  'limits.ephemeral-storage',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
])
const isStandard = (name: string) => standard.has(name) || /^(requests\.)?hugepages-/.test(name)

/** Which resources each scope can narrow (helper.IsResourceQuotaScopeValidForResource). */
const scopes = new Map([
  ['BestEffort', ['pods']],
  ['NotBestEffort', podCounts],
  ['Terminating', podCounts],
  ['NotTerminating', podCounts],
  ['PriorityClass', podCounts],
  ['CrossNamespacePodAffinity', podCounts],
  ['VolumeAttributesClass', claimCounts],
])

/** Scopes that either hold or do not. */
const withoutValues = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity']

/** Faults of what a quota limits (pkg/apis/core/validation ValidateResourceQuotaSpec). */
export function validateQuotaSpec(spec: Spec): StatusCause[] {
  const given = spec.scopes ?? []
  const expressions = spec.scopeSelector?.matchExpressions ?? []
  const path = 'spec.scopes'
  const at = 'spec.scopeSelector.matchExpressions'
  return [
    ...validateAmounts(spec.hard, 'spec.hard'),
    ...given.flatMap(scope => [
      ...(scopes.has(scope) ? [] : [invalid(path, given, 'unsupported scope')]),
      ...(fits(scope, spec) ? [] : [invalid(path, given, 'unsupported scope applied to resource')]),
    ]),
    ...(conflicting(given) ? [invalid(path, given, 'conflicting scopes')] : []),
    ...expressions.flatMap(requirement => [
      ...(fits(requirement.scopeName, spec)
        ? []
        : [invalid(at, asGoPrints(expressions), 'unsupported scope applied to resource')]),
      ...validateRequirement(requirement, at),
    ]),
    ...(conflicting(expressions.map(({ scopeName }) => scopeName))
      ? [invalid(at, spec.scopes ?? null, 'conflicting scopes')]
      : []),
  ]
}

function validateAmounts(amounts: Record<string, string> = {}, path: string): StatusCause[] {
  return Object.entries(amounts).flatMap(([name, value]) => {
    const at = key(path, name)
    const known = name.includes('/') || isStandard(name)
    return [
      ...validateResourceName(name, at),
      ...(known ? [] : [invalid(at, name, 'must be a standard resource for quota')]),
      ...validateQuantity(name, value, at),
    ]
  })
}

function fits(scope: string, { hard = {} }: Spec): boolean {
  const resources = scopes.get(scope)
  return !resources || Object.keys(hard).every(name => !isStandard(name) || resources.includes(name))
}

function conflicting(given: string[]): boolean {
  return ['BestEffort', 'Terminating'].some(scope => given.includes(scope) && given.includes(`Not${scope}`))
}

function validateRequirement({ scopeName, operator, values = [] }: Requirement, path: string): StatusCause[] {
  const operatorPath = child(path, 'operator')
  const exists =
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
  return [
    ...(scopes.has(scopeName) ? [] : [invalid(child(path, 'scopeName'), scopeName, 'unsupported scope')]),
    ...(withoutValues.includes(scopeName) && operator !== 'Exists' ? [invalid(operatorPath, operator, exists)] : []),
    ...validateOperator({ operator, values }, path),
  ]
}

function validateOperator({ operator, values }: { operator: string; values: string[] }, path: string): StatusCause[] {
  const at = child(path, 'values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [required(at, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [invalid(at, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")]
    default:
      return [invalid(child(path, 'operator'), operator, 'not a valid selector operator')]
  }
}

/** Upstream prints its internal type, whose fields have no JSON names. */
const asGoPrints = (expressions: Requirement[]) => ({
  MatchExpressions: expressions.map(({ scopeName, operator, values }) => ({
    ScopeName: scopeName,
    Operator: operator,
    Values: values ?? null,
  })),
})

/** Faults of a changed quota: its scopes stay (ValidateResourceQuotaUpdate). */
export function validateQuotaUpdate({ spec }: ResourceQuota, old: ResourceQuota): StatusCause[] {
  const set = (given: string[] | undefined) => [...new Set(given)].sort().join()
  const same = set(spec.scopes) === set(old.spec.scopes)
  return [...validateQuotaSpec(spec), ...(same ? [] : [invalid('spec.scopes', spec.scopes, immutable)])]
}

/** Faults of what is counted (ValidateResourceQuotaStatusUpdate). */
export function validateQuotaStatus({ status }: ResourceQuota): StatusCause[] {
  return [...validateAmounts(status?.hard, 'status.hard'), ...validateAmounts(status?.used, 'status.used')]
}
