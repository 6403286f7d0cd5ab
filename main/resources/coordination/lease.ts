import { leases, type Lease } from '../../../shared/api/coordination.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { forbidden, invalid, notSupported } from '../../../shared/machinery/field-errors.ts'
import { isQualifiedName } from '../../../shared/machinery/names.ts'
import { invalidFor, nonNegative } from '../faults.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

export const lease = defineResource(leases, {
  schema: () => schemaOf('io.k8s.api.coordination.v1.Lease'),
  createOnUpdate: true,
  unconditionalUpdate: false,
  // CoordinatedLeaderElection is off by default: its fields are dropped unless they are there already.
  prepareForCreate: object => {
    delete object.spec?.strategy
    delete object.spec?.preferredHolder
  },
  prepareForUpdate: (object, old) => {
    if (old.spec?.strategy === undefined) delete object.spec?.strategy
    if (old.spec?.preferredHolder === undefined) delete object.spec?.preferredHolder
  },
  validate,
  validateUpdate: validate,
  columns: [nameColumn, { name: 'Holder', type: 'string', cell: ({ spec }) => spec?.holderIdentity ?? '' }, ageColumn],
  volatile: true,
})

function validate({ spec = {} }: Lease): StatusCause[] {
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec
  return [
    ...(leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0
      ? [invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
      : []),
    ...nonNegative('spec.leaseTransitions', leaseTransitions),
    ...(strategy === undefined ? [] : validateStrategy(strategy)),
    ...(preferredHolder && !strategy
      ? [forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined')]
      : []),
  ]
}

function validateStrategy(strategy: string): StatusCause[] {
  const path = 'spec.strategy.strategy'
  if (strategy.includes('/')) return invalidFor(path, strategy, isQualifiedName(strategy))
  return strategy === 'OldestEmulationVersion' ? [] : [notSupported(path, strategy, ['OldestEmulationVersion'])]
}
