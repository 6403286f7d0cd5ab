import { flowSchemas } from '../../../shared/api/flowcontrol.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { keepAllMetadata } from '../status-metadata.ts'
import { ensureStructs } from '../structs.ts'
import { validateConditions } from './condition-validation.ts'
import { validateFlowSchema } from './flow-schema-validation.ts'

export const flowSchema = defineResource(flowSchemas, {
  schema: () => schemaOf('io.k8s.api.flowcontrol.v1.FlowSchema'),
  setDefaults: object => {
    ensureStructs(object, 'spec', 'status')
    ensureStructs(object.spec, 'priorityLevelConfiguration')
    object.spec.matchingPrecedence ||= 1000
  },
  prepareForCreate: object => {
    object.status = {}
    startGeneration(object)
  },
  prepareForUpdate: bumpGeneration,
  validate: validateFlowSchema,
  validateUpdate: validateFlowSchema,
  status: { prepareForUpdate: keepAllMetadata, validateUpdate: validateConditions },
  columns: [
    nameColumn,
    { name: 'PriorityLevel', type: 'string', cell: ({ spec }) => spec.priorityLevelConfiguration.name },
    { name: 'MatchingPrecedence', type: 'string', cell: ({ spec }) => spec.matchingPrecedence ?? 0 },
    { name: 'DistinguisherMethod', type: 'string', cell: ({ spec }) => spec.distinguisherMethod?.type ?? '<none>' },
    ageColumn,
    {
      name: 'MissingPL',
      type: 'string',
      cell: ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    },
  ],
})
