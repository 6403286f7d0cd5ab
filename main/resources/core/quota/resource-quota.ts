import { resourceQuotas, type ResourceQuota } from '../../../../shared/api/core.ts'
import { ageColumn, nameColumn } from '../../name-column.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { ensureStructs } from '../../structs.ts'
import { roundToMilli } from '../container/container-defaults.ts'
import { validateQuotaSpec, validateQuotaStatus, validateQuotaUpdate } from './resource-quota-validation.ts'
import { compareQuantities, formatQuantity } from '../../../../shared/machinery/quantity.ts'

export const resourceQuota = defineResource(resourceQuotas, {
  shortNames: ['quota'],
  schema: () => schemaOf('io.k8s.api.core.v1.ResourceQuota'),
  setDefaults: object => {
    ensureStructs(object, 'spec', 'status')
    for (const list of [object.spec.hard, object.status?.hard, object.status?.used]) if (list) roundToMilli(list)
  },
  prepareForCreate: object => {
    object.status = {}
  },
  validate: ({ spec }) => validateQuotaSpec(spec),
  validateUpdate: validateQuotaUpdate,
  warnings: (object, old) => (old ? [] : quotaWarnings(object)),
  status: { validateUpdate: validateQuotaStatus },
  columns: [
    nameColumn,
    { name: 'Request', type: 'string', cell: object => printUse(object, name => !name.startsWith('limits.')) },
    { name: 'Limit', type: 'string', cell: object => printUse(object, name => name.startsWith('limits.')) },
    ageColumn,
  ],
})

/** `cpu: 1/2, pods: 3/10` (printers.go printResourceQuota). */
function printUse({ status }: ResourceQuota, shows: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {}
  const names = Object.keys(hard).filter(shows).sort()
  return names.map(name => `${name}: ${used[name] ?? '0'}/${hard[name] ?? '0'}`).join(', ')
}

/** Requests that may be more than the limits that go with them. */
function quotaWarnings({ spec }: ResourceQuota): string[] {
  const hard = spec.hard ?? {}
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap(name => {
    const short = name === 'cpu' || name === 'memory' ? [name] : []
    const requests = [`requests.${name}`, ...short].find(each => hard[each] !== undefined)
    const [request, limit] = [hard[requests ?? ''], hard[`limits.${name}`]]
    if (request === undefined || limit === undefined || compareQuantities(request, limit) <= 0) return []
    const [much, less] = [formatQuantity(request), formatQuantity(limit)]
    return [`ResourceQuota ${requests} (${much}) should be less than limits.${name} (${less})`]
  })
}
