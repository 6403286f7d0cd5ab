import { deployments, type Deployment } from '../../../shared/api/apps.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { formatRequirements, requirementsOf } from '../../../shared/machinery/selectors.ts'
import { containerColumns } from '../container-columns.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { validateDeployment } from './deployment-validation.ts'
import { validateSelectorKept } from './selector-and-template.ts'
import { dropDisabledTemplateFields, setTemplateDefaults } from '../pod-template.ts'
import { validateReplicaCounts } from '../replica-counts.ts'
import { namingWarnings, workloadWarnings } from '../warnings/workload.ts'

export const deployment = defineResource(deployments, {
  shortNames: ['deploy'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.apps.v1.Deployment'),
  setDefaults,
  prepareForCreate: object => {
    object.status = {}
    startGeneration(object)
    dropDisabledTemplateFields(object.spec.template)
  },
  prepareForUpdate: (object, old) => {
    dropDisabledTemplateFields(object.spec.template)
    bumpGeneration(object, old)
    // Annotations count too: they are copied to the ReplicaSets.
    if (!jsonEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {})) {
      object.metadata.generation = (old.metadata.generation ?? 0) + 1
    }
  },
  validate: validateDeployment,
  validateUpdate: (object, old) => [...validateDeployment(object), ...validateSelectorKept(object, old)],
  warnings: (object, old) => [...namingWarnings(object, old), ...workloadWarnings(object, old)],
  status: {
    prepareForUpdate: (object, old) => {
      const { labels } = old.metadata
      delete object.metadata.labels
      if (labels) object.metadata.labels = { ...labels }
    },
    validateUpdate: validateStatus,
  },
  scale: { specReplicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    { name: 'Up-to-date', type: 'string', cell: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', type: 'string', cell: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn,
    ...containerColumns,
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      cell: ({ spec }) => formatRequirements(requirementsOf(spec.selector)),
    },
  ],
})

/** pkg/apis/apps/v1/defaults.go SetDefaults_Deployment. */
function setDefaults(object: Deployment): void {
  const spec = ((object as Partial<Deployment>).spec ??= {} as Deployment['spec'])
  spec.replicas ??= 1
  const strategy = (spec.strategy ??= {})
  strategy.type ||= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {})
    rolling.maxUnavailable ??= '25%'
    rolling.maxSurge ??= '25%'
  }
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  setTemplateDefaults(((spec as Partial<Deployment['spec']>).template ??= {}))
}

const counts = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
] as const

function validateStatus({ status = {} }: Deployment, old: Deployment): StatusCause[] {
  const { collisionCount = 0 } = status
  const less = collisionCount < (old.status?.collisionCount ?? 0)
  return [
    ...validateReplicaCounts(status, counts),
    ...(less ? [invalid('status.collisionCount', collisionCount, 'cannot be decremented')] : []),
  ]
}
