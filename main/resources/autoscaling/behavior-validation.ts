import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, index, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { compareQuantities } from '../../../shared/machinery/quantity.ts'
import { knownOnly, negative } from '../faults.ts'

type Rules = NonNullable<NonNullable<HorizontalPodAutoscaler['spec']['behavior']>['scaleUp']>
type Policy = NonNullable<Rules['policies']>[number]

/** What is wrong with the rules of one direction (pkg/apis/autoscaling/validation validateScalingRules). */
export function validateRules(rules: Rules, path: string): StatusCause[] {
  const { stabilizationWindowSeconds: stable = 0, selectPolicy, policies = [], tolerance } = rules
  const at = (field: string) => child(path, field)
  const window = at('stabilizationWindowSeconds')
  return [
    ...(stable < 0 ? [invalid(window, stable, 'must be greater than or equal to zero')] : []),
    ...(stable > 3600 ? [invalid(window, stable, 'must be less than or equal to 3600')] : []),
    ...(selectPolicy === undefined ? [] : knownOnly(at('selectPolicy'), selectPolicy, ['Disabled', 'Max', 'Min'])),
    ...(policies.length === 0 ? [required(at('policies'), 'must specify at least one Policy')] : []),
    ...policies.flatMap((policy, i) => validatePolicy(policy, index(at('policies'), i))),
    ...(tolerance !== undefined && compareQuantities(tolerance, 0) < 0
      ? [invalid(at('tolerance'), tolerance, negative)]
      : []),
  ]
}

function validatePolicy({ type, value = 0, periodSeconds: period = 0 }: Partial<Policy>, path: string): StatusCause[] {
  const at = (field: string) => child(path, field)
  return [
    ...(type === 'Pods' || type === 'Percent' ? [] : [notSupported(at('type'), type ?? '', ['Percent', 'Pods'])]),
    ...(value <= 0 ? [invalid(at('value'), value, 'must be greater than zero')] : []),
    ...(period <= 0 ? [invalid(at('periodSeconds'), period, 'must be greater than zero')] : []),
    ...(period > 1800 ? [invalid(at('periodSeconds'), period, 'must be less than or equal to 1800')] : []),
  ]
}
