import type { DaemonSet } from '../../../shared/api/apps.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { matchesRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { validatePodTemplate } from '../core/pod/pod-validation.ts'
import { nonNegative } from '../faults.ts'
import { amountOf, validateIntOrPercent, validateShare } from '../int-or-percent-validation.ts'
import { isEmptySelector, validateLabelSelector } from '../labels.ts'
import { unmatchedLabels, validateAlwaysRunning } from '../pod-template.ts'
import { validateSelectorKept } from './selector-and-template.ts'

type Spec = DaemonSet['spec']
type Strategy = NonNullable<Spec['updateStrategy']>
type RollingUpdate = NonNullable<Strategy['rollingUpdate']>

/** What is wrong with a DaemonSet (pkg/apis/apps/validation ValidateDaemonSetSpec). */
export function validateDaemonSet({ spec }: DaemonSet): StatusCause[] {
  const { template, minReadySeconds, revisionHistoryLimit } = spec
  return [
    ...validateSelector(spec),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateAlwaysRunning(template, 'spec.template', 'DaemonSet'),
    ...nonNegative('spec.minReadySeconds', minReadySeconds),
    ...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...nonNegative('spec.revisionHistoryLimit', revisionHistoryLimit),
  ]
}

/** What is wrong with a change of one (pkg/apis/apps/validation ValidateDaemonSetUpdate). */
export function validateDaemonSetUpdate(object: DaemonSet, old: DaemonSet): StatusCause[] {
  return [...validateDaemonSet(object), ...validateSelectorKept(object, old)]
}

function validateSelector({ template, ...spec }: Spec): StatusCause[] {
  const path = 'spec.selector'
  // Absent in what a client sent, whatever the type of stored objects says.
  const selector = spec.selector as Spec['selector'] | undefined
  const malformed = validateLabelSelector(selector, path)
  const { labels } = template.metadata ?? {}
  const matches = malformed.length > 0 || matchesRequirements(requirementsOf(selector), labels)
  const empty = selector && isEmptySelector(selector)
  return [
    ...malformed,
    ...(matches ? [] : [unmatchedLabels('spec.template', labels)]),
    ...(empty ? [invalid(path, selector, 'empty selector is invalid for daemonset')] : []),
  ]
}

function validateStrategy({ type, rollingUpdate }: Strategy, path: string): StatusCause[] {
  const at = child(path, 'rollingUpdate')
  switch (type) {
    case 'OnDelete':
      return []
    case 'RollingUpdate':
      return rollingUpdate ? validateRollingUpdate(rollingUpdate, at) : [required(at)]
    default: {
      // Upstream prints its internal types, whose fields have no JSON names.
      const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {}
      const shown = rollingUpdate ? { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } : null
      return [notSupported(path, { Type: type, RollingUpdate: shown }, ['RollingUpdate', 'OnDelete'])]
    }
  }
}

/** Either the old pod goes first or the new one comes first (ValidateRollingUpdateDaemonSet). */
function validateRollingUpdate({ maxUnavailable = 0, maxSurge = 0 }: RollingUpdate, path: string): StatusCause[] {
  const at = (field: string) => child(path, field)
  const [unavailable, surge] = [amountOf(maxUnavailable), amountOf(maxSurge)]
  return [
    ...validateIntOrPercent(at('maxUnavailable'), maxUnavailable),
    ...validateIntOrPercent(at('maxSurge'), maxSurge),
    ...validateShare(at('maxUnavailable'), maxUnavailable),
    ...validateShare(at('maxSurge'), maxSurge),
    ...(unavailable !== 0 && surge !== 0
      ? [invalid(at('maxSurge'), maxSurge, 'may not be set when maxUnavailable is non-zero')]
      : []),
    ...(unavailable === 0 && surge === 0 ? [required(at('maxUnavailable'), 'cannot be 0 when maxSurge is 0')] : []),
  ]
}
