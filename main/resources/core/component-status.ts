import { componentStatuses, type ComponentStatus } from '../../../shared/api/core.ts'
import { nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

/** Never stored: verbs/component-statuses.ts makes them. */
export const componentStatus = defineResource(componentStatuses, {
  shortNames: ['cs'],
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  schema: () => schemaOf('io.k8s.api.core.v1.ComponentStatus'),
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', cell: printStatus },
    { name: 'Message', type: 'string', cell: object => healthOf(object)?.message ?? '' },
    { name: 'Error', type: 'string', cell: object => healthOf(object)?.error ?? '' },
  ],
})

function healthOf({ conditions = [] }: ComponentStatus) {
  return conditions.find(({ type }) => type === 'Healthy')
}

function printStatus(object: ComponentStatus): string {
  const health = healthOf(object)
  if (!health) return 'Unknown'
  return health.status === 'True' ? 'Healthy' : 'Unhealthy'
}
