import { replicaSets, type ReplicaSet } from '../../../shared/api/apps.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { nonNegative } from '../faults.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { selectorColumn } from '../selector-columns.ts'
import { setTemplateDefaults } from '../pod-template.ts'
import { validateSelectorAndTemplate, validateSelectorKept } from './selector-and-template.ts'
import { validateReplicaCounts } from '../replica-counts.ts'
import { replicatedColumns, replicatedStrategy } from '../replicated.ts'
import { namingWarnings, workloadWarnings } from '../warnings/workload.ts'

export const replicaSet = defineResource(replicaSets, {
  ...replicatedStrategy,
  shortNames: ['rs'],
  schema: () => schemaOf('io.k8s.api.apps.v1.ReplicaSet'),
  setDefaults,
  validate,
  validateUpdate: (object, old) => [...validate(object), ...validateSelectorKept(object, old)],
  warnings: (object, old) => [...namingWarnings(object, old), ...workloadWarnings(object, old)],
  status: { validateUpdate: object => validateReplicaCounts(object.status ?? {}, counts) },
  scale: { specReplicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
  columns: [...replicatedColumns, selectorColumn],
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
