import { replicaSets, type ReplicaSet } from '../../../shared/api/apps.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { invalid } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { containerColumns } from '../container-columns.ts'
import { immutable, nonNegative } from '../faults.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { selectorColumn } from '../selector-columns.ts'
import { dropDisabledTemplateFields, setTemplateDefaults } from '../pod-template.ts'
import { validateSelectorAndTemplate } from './selector-and-template.ts'
import { validateReplicaCounts } from '../replica-counts.ts'
import { namingWarnings, workloadWarnings } from '../warnings/workload.ts'

export const replicaSet = defineResource(replicaSets, {
  shortNames: ['rs'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.apps.v1.ReplicaSet'),
  setDefaults,
  prepareForCreate: object => {
    object.status = { replicas: 0 }
    startGeneration(object)
    if (object.spec.template) dropDisabledTemplateFields(object.spec.template)
  },
  prepareForUpdate: (object, old) => {
    if (object.spec.template) dropDisabledTemplateFields(object.spec.template)
    bumpGeneration(object, old)
  },
  validate,
  validateUpdate: (object, old) => {
    const { selector } = object.spec
    const moved = jsonEqual(selector, old.spec.selector) ? [] : [invalid('spec.selector', selector, immutable)]
    return [...validate(object), ...moved]
  },
  warnings: (object, old) => [...namingWarnings(object, old), ...workloadWarnings(object, old)],
  status: { validateUpdate: object => validateReplicaCounts(object.status ?? { replicas: 0 }, counts) },
  scale: { specReplicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', cell: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
})

const counts = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
  'terminatingReplicas',
] as const

function setDefaults(object: ReplicaSet): void {
  const spec = ((object as Partial<ReplicaSet>).spec ??= {} as ReplicaSet['spec'])
  spec.replicas ??= 1
  setTemplateDefaults((spec.template ??= {}))
}

function validate({ spec }: ReplicaSet): StatusCause[] {
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...validateSelectorAndTemplate(spec),
  ]
}
