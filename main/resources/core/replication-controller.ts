import { replicationControllers, type ReplicationController } from '../../../shared/api/core.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, required } from '../../../shared/machinery/field-errors.ts'
import { setTemplateDefaults, unmatchedLabels, validateAlwaysRunning } from '../pod-template.ts'
import { nonNegative } from '../faults.ts'
import { validateReplicaCounts } from '../replica-counts.ts'
import { replicatedColumns, replicatedStrategy } from '../replicated.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { formatLabels } from '../selector-columns.ts'
import { validatePodTemplate } from './pod/pod-validation.ts'
import { namingWarnings, workloadWarnings } from '../warnings/workload.ts'

export const replicationController = defineResource(replicationControllers, {
  ...replicatedStrategy,
  shortNames: ['rc'],
  schema: () => schemaOf('io.k8s.api.core.v1.ReplicationController'),
  setDefaults,
  validate,
  validateUpdate: validate,
  // Of a changed one upstream looks at the template that was.
  warnings: (object, old) => [
    ...namingWarnings(object, old),
    ...workloadWarnings(old ? { ...object, spec: old.spec } : object, old),
  ],
  status: { validateUpdate: object => validateReplicaCounts(object.status ?? {}, counts) },
  scale: {
    specReplicas: ['spec', 'replicas'],
    statusReplicas: ['status', 'replicas'],
    selector: ['spec', 'selector'],
    plainSelector: true,
  },
  orphansByDefault: true,
  fields: { 'status.replicas': object => String(object.status?.replicas ?? 0) },
  columns: [
    ...replicatedColumns,
    { name: 'Selector', type: 'string', priority: 1, cell: ({ spec }) => formatLabels(spec.selector) },
  ],
})

const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const

/** Selector and labels are those of the template where nothing else is said (pkg/apis/core/v1/defaults.go SetDefaults_ReplicationController). */
function setDefaults(object: ReplicationController): void {
  const spec = ((object as Partial<ReplicationController>).spec ??= {})
  spec.replicas ??= 1
  if (!spec.template) return
  setTemplateDefaults(spec.template)
  const labels = spec.template.metadata?.labels
  if (!labels) return
  if (isEmpty(spec.selector)) spec.selector = { ...labels }
  if (isEmpty(object.metadata.labels)) object.metadata.labels = { ...labels }
}

const isEmpty = (labels: Record<string, string> | undefined) => Object.keys(labels ?? {}).length === 0

/** pkg/apis/core/validation ValidateReplicationControllerSpec. */
function validate({ spec }: ReplicationController): StatusCause[] {
  const { selector = {}, template } = spec
  const path = 'spec.template'
  const labels = template?.metadata?.labels
  const matches = Object.entries(selector).every(([key, value]) => labels?.[key] === value)
  return [
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(isEmpty(selector) ? [required(child('spec', 'selector'))] : []),
    ...nonNegative('spec.replicas', spec.replicas),
    ...(template
      ? [
          ...(matches ? [] : [unmatchedLabels(path, labels)]),
          ...validatePodTemplate(template, path),
          ...validateAlwaysRunning(template, path, 'ReplicationController'),
        ]
      : [required(path)]),
  ]
}
