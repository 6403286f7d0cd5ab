import type { Deployment } from '../../../shared/api/apps.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, invalid, notSupported, required } from '../../../shared/machinery/field-errors.ts'
import { nonNegative } from '../faults.ts'
import { amountOf, validateIntOrPercent, validateShare } from '../int-or-percent-validation.ts'
import { validateSelectorAndTemplate } from './selector-and-template.ts'

type Strategy = NonNullable<Deployment['spec']['strategy']>
type RollingUpdate = NonNullable<Strategy['rollingUpdate']>

/** What is wrong with a Deployment (pkg/apis/apps/validation ValidateDeploymentSpec). */
export function validateDeployment({ spec }: Deployment): StatusCause[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec
  const path = 'spec.progressDeadlineSeconds'
  const late = deadline !== undefined && deadline <= minReadySeconds
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...validateSelectorAndTemplate(spec),
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...nonNegative(path, deadline),
    ...(late ? [invalid(path, deadline, 'must be greater than minReadySeconds')] : []),
  ]
}

function validateStrategy({ type, rollingUpdate }: Strategy, path: string): StatusCause[] {
  const at = child(path, 'rollingUpdate')
  switch (type) {
    case 'Recreate':
      return rollingUpdate ? [forbidden(at, "may not be specified when strategy `type` is 'Recreate'")] : []
    case 'RollingUpdate':
      if (!rollingUpdate) return [required(at, 'this should be defaulted and never be nil')]
      return validateRollingUpdate(rollingUpdate, at)
    default:
      // Upstream prints its internal type, whose fields have no JSON names.
      return [notSupported(path, { Type: type, RollingUpdate: null }, ['Recreate', 'RollingUpdate'])]
  }
}

function validateRollingUpdate({ maxUnavailable = 0, maxSurge = 0 }: RollingUpdate, path: string): StatusCause[] {
  const at = child(path, 'maxUnavailable')
  const stuck = amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0
  return [
    ...validateIntOrPercent(at, maxUnavailable),
    ...validateIntOrPercent(child(path, 'maxSurge'), maxSurge),
    ...(stuck ? [invalid(at, maxUnavailable, 'may not be 0 when `maxSurge` is 0')] : []),
    ...validateShare(at, maxUnavailable),
  ]
}
