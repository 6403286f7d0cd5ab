import type { PodSpec } from '../../../../shared/api/core.ts'
import type { StatusCause } from '../../../../shared/api/object.ts'
import { child, duplicate, index, invalid, notSupported, required } from '../../../../shared/machinery/field-errors.ts'
import { isLabelValue, isQualifiedName } from '../../../../shared/machinery/names.ts'
import { invalidFor, oneOf, optionalOneOf, repeats } from '../../faults.ts'
import { validateLabelSelector } from '../../labels.ts'
import { validateLabelKeys } from './affinity-validation.ts'
import { taintEffects } from '../node/taints.ts'

type Toleration = NonNullable<PodSpec['tolerations']>[number]
type Spread = NonNullable<PodSpec['topologySpreadConstraints']>[number]

/** Faults of tolerations (ValidateTolerations). Lt and Gt are behind TaintTolerationComparisonOperators, which is off. */
export function validateTolerations(tolerations: Toleration[], path: string): StatusCause[] {
  return tolerations.flatMap(({ key = '', operator = '', effect = '', tolerationSeconds, ...rest }, i) => {
    const at = (field: string) => child(index(path, i), field)
    const keyless = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    const timed = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    return [
      ...(key ? invalidFor(at('key'), key, isQualifiedName(key)) : []),
      ...(!key && operator !== 'Exists' ? [invalid(at('operator'), operator, keyless)] : []),
      ...(tolerationSeconds !== undefined && effect !== 'NoExecute' ? [invalid(at('effect'), effect, timed)] : []),
      ...validateOperator({ operator, value: rest.value ?? '' }, at('operator')),
      ...optionalOneOf(at('effect'), effect, taintEffects),
    ]
  })
}

function validateOperator({ operator, value }: { operator: string; value: string }, path: string): StatusCause[] {
  switch (operator) {
    case '':
    case 'Equal': {
      const wrong = isLabelValue(value)
      return wrong.length > 0 ? [invalid(path, value, wrong.join(';'))] : []
    }
    case 'Exists':
      return value ? [invalid(path, value, "value must be empty when `operator` is 'Exists'")] : []
    case 'Lt':
    case 'Gt':
      return [notSupported(path, operator, ['Equal', 'Exists', 'Lt', 'Gt'])]
    default:
      return [notSupported(path, operator, ['Equal', 'Exists'])]
  }
}

const positive = 'must be greater than zero'

/** Faults of how pods spread over zones and nodes (validateTopologySpreadConstraints). */
export function validateSpread(constraints: Spread[], path: string): StatusCause[] {
  return constraints.flatMap((constraint, i) => {
    const { maxSkew, topologyKey, whenUnsatisfiable: action, minDomains } = constraint
    const at = (field: string) => child(index(path, i), field)
    const repeated = constraints
      .slice(i + 1)
      .some(other => other.topologyKey === topologyKey && other.whenUnsatisfiable === action)
    const domains = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
    return [
      ...(maxSkew > 0 ? [] : [invalid(at('maxSkew'), maxSkew, positive)]),
      ...(topologyKey ? [] : [required(at('topologyKey'), 'can not be empty')]),
      ...(['DoNotSchedule', 'ScheduleAnyway'].includes(action)
        ? []
        : [notSupported(at('whenUnsatisfiable'), action, ['DoNotSchedule', 'ScheduleAnyway'])]),
      ...(repeated ? [duplicate(at('{topologyKey, whenUnsatisfiable}'), `{${topologyKey}, ${action}}`)] : []),
      ...(minDomains !== undefined && minDomains <= 0 ? [invalid(at('minDomains'), minDomains, positive)] : []),
      ...(minDomains !== undefined && action !== 'DoNotSchedule'
        ? [invalid(at('minDomains'), minDomains, domains)]
        : []),
      ...optionalOneOf(at('nodeAffinityPolicy'), constraint.nodeAffinityPolicy, ['Honor', 'Ignore']),
      ...optionalOneOf(at('nodeTaintsPolicy'), constraint.nodeTaintsPolicy, ['Honor', 'Ignore']),
      ...validateLabelKeys(constraint, index(path, i)),
      ...validateLabelSelector(constraint.labelSelector, at('labelSelector')),
    ]
  })
}

/** Faults of what keeps a pod from being scheduled or from being ready. */
export function validateGates({ schedulingGates = [], readinessGates = [] }: PodSpec, path: string): StatusCause[] {
  const readinessPath = child(path, 'readinessGates')
  const schedulingPath = child(path, 'schedulingGates')
  const repeated = repeats(schedulingGates, ({ name }) => name)
  return [
    ...readinessGates.flatMap(({ conditionType }, i) =>
      invalidFor(child(index(readinessPath, i), 'conditionType'), conditionType, isQualifiedName(conditionType)),
    ),
    ...schedulingGates.flatMap(({ name }, i) => [
      ...invalidFor(index(schedulingPath, i), name, isQualifiedName(name)),
      ...(repeated[i] ? [duplicate(index(schedulingPath, i), name)] : []),
    ]),
  ]
}

/** Faults of `preemptionPolicy`, which may be absent but not empty. */
export function validatePreemption(policy: string | undefined, path: string): StatusCause[] {
  return policy === undefined ? [] : oneOf(path, policy, ['PreemptLowerPriority', 'Never'])
}
