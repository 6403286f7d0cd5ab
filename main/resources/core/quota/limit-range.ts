import { randomUUID } from 'node:crypto'
import { limitRanges, type LimitRange } from '../../../../shared/api/core.ts'
import { nameColumn } from '../../name-column.ts'
import { defineResource } from '../../resource.ts'
import { schemaOf } from '../../schemas.ts'
import { ensureStructs } from '../../structs.ts'
import { roundToMilli } from '../container/container-defaults.ts'
import { validateLimitRange } from './limit-range-validation.ts'

export const limitRange = defineResource(limitRanges, {
  shortNames: ['limits'],
  schema: () => schemaOf('io.k8s.api.core.v1.LimitRange'),
  createOnUpdate: true,
  setDefaults,
  prepareForCreate: ({ metadata }) => {
    metadata.name ||= randomUUID()
  },
  validate: validateLimitRange,
  validateUpdate: validateLimitRange,
  columns: [
    nameColumn,
    { name: 'Created At', type: 'date', cell: ({ metadata }) => metadata.creationTimestamp ?? null },
  ],
})

type Item = LimitRange['spec']['limits'][number]

function setDefaults(object: LimitRange): void {
  ensureStructs(object, 'spec')
  if (!Object.hasOwn(object.spec, 'limits')) object.spec.limits = []
  for (const item of object.spec.limits) {
    if (item.type === 'Container') setContainerDefaults(item)
    for (const list of [item.max, item.min, item.default, item.defaultRequest, item.maxLimitRequestRatio]) {
      if (list) roundToMilli(list)
    }
  }
}

/** The default limit is the maximum, the default request the limit or the minimum (SetDefaults_LimitRangeItem). */
function setContainerDefaults(item: Item): void {
  const limits = { ...item.max, ...item.default }
  const requests = { ...item.min, ...limits, ...item.defaultRequest }
  if (Object.keys(limits).length > 0) item.default = limits
  if (Object.keys(requests).length > 0) item.defaultRequest = requests
}
