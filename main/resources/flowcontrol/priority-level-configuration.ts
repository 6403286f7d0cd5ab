import { priorityLevelConfigurations, type PriorityLevelConfiguration } from '../../../shared/api/flowcontrol.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { keepAllMetadata } from '../status-metadata.ts'
import { ensureStructs } from '../structs.ts'
import { validateConditions } from './condition-validation.ts'
import { validatePriorityLevel } from './priority-level-validation.ts'

export const priorityLevelConfiguration = defineResource(priorityLevelConfigurations, {
  schema: () => schemaOf('io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration'),
  setDefaults,
  prepareForCreate: object => {
    object.status = {}
    startGeneration(object)
  },
  prepareForUpdate: bumpGeneration,
  validate: validatePriorityLevel,
  validateUpdate: validatePriorityLevel,
  status: { prepareForUpdate: keepAllMetadata, validateUpdate: validateConditions },
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', cell: ({ spec }) => spec.type },
    {
      name: 'NominalConcurrencyShares',
      type: 'string',
      cell: ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>',
    },
    { name: 'Queues', type: 'string', cell: object => queuingOf(object)?.queues ?? '<none>' },
    { name: 'HandSize', type: 'string', cell: object => queuingOf(object)?.handSize ?? '<none>' },
    { name: 'QueueLengthLimit', type: 'string', cell: object => queuingOf(object)?.queueLengthLimit ?? '<none>' },
    ageColumn,
  ],
})

function queuingOf({ spec }: PriorityLevelConfiguration) {
  return spec.limited?.limitResponse?.queuing
}

/** Fills in what a level leaves out (pkg/apis/flowcontrol/v1/defaults.go). */
function setDefaults(object: PriorityLevelConfiguration): void {
  ensureStructs(object, 'spec', 'status')
  if (!Object.hasOwn(object.spec, 'type')) object.spec.type = ''
  const { exempt, limited } = object.spec
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0
    exempt.lendablePercent ??= 0
  }
  if (!limited) return
  limited.nominalConcurrencyShares ??= 30
  limited.lendablePercent ??= 0
  limited.limitResponse ??= { type: '' }
  const { queuing } = limited.limitResponse
  if (!queuing) return
  queuing.handSize ||= 8
  queuing.queues ||= 64
  queuing.queueLengthLimit ||= 50
}
