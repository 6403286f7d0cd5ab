import { statefulSets, type StatefulSet } from '../../../shared/api/apps.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid } from '../../../shared/machinery/field-errors.ts'
import { isDns1123Label } from '../../../shared/machinery/names.ts'
import { containerColumns } from '../container-columns.ts'
import { nonNegative } from '../faults.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { dropDisabledTemplateFields } from '../pod-template.ts'
import { setStatefulSetDefaults } from './stateful-set-defaults.ts'
import { validateStatefulSet, validateStatefulSetUpdate } from './stateful-set-validation.ts'
import { workloadWarnings } from '../warnings/workload.ts'
import { claimSpecWarnings } from '../warnings/fractions.ts'

export const statefulSet = defineResource(statefulSets, {
  shortNames: ['sts'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.apps.v1.StatefulSet'),
  setDefaults: setStatefulSetDefaults,
  // Its pods are named after it, and a pod's name is its host name.
  validateName: isDns1123Label,
  prepareForCreate: object => {
    object.status = { replicas: 0, availableReplicas: 0 }
    startGeneration(object)
    dropDisabled(object)
  },
  prepareForUpdate: (object, old) => {
    dropDisabled(object)
    bumpGeneration(object, old)
  },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  warnings,
  status: { validateUpdate: validateStatus },
  scale: { specReplicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: ['spec', 'selector'] },
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    ageColumn,
    ...containerColumns,
  ],
})

/** MaxUnavailableStatefulSet is off by default. */
function dropDisabled({ spec }: StatefulSet): void {
  delete spec.updateStrategy?.rollingUpdate?.maxUnavailable
  dropDisabledTemplateFields(spec.template)
}

const parts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'] as const
const counts = ['replicas', ...parts, 'observedGeneration', 'collisionCount'] as const

/** pkg/apis/apps/validation ValidateStatefulSetStatusUpdate. */
function validateStatus({ status }: StatefulSet, old: StatefulSet): StatusCause[] {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0, collisionCount = 0 } = status ?? {}
  const at = (field: string) => child('status', field)
  const beyond = (field: string, value: number, limit: string) =>
    invalid(at(field), value, `cannot be greater than ${limit}`)
  return [
    ...counts.flatMap(field => nonNegative(at(field), status?.[field])),
    ...parts.flatMap(field => {
      const count = status?.[field] ?? 0
      return count > replicas ? [beyond(field, count, 'status.replicas')] : []
    }),
    ...(availableReplicas > readyReplicas
      ? [beyond('availableReplicas', availableReplicas, 'status.readyReplicas')]
      : []),
    ...(collisionCount < (old.status?.collisionCount ?? 0)
      ? [invalid(at('collisionCount'), collisionCount, 'cannot be decremented')]
      : []),
  ]
}

function warnings(object: StatefulSet, old: StatefulSet | undefined): string[] {
  const { volumeClaimTemplates = [], revisionHistoryLimit = 0 } = object.spec
  // Upstream's paths differ so.
  const path = (i: number) => `spec.volumeClaimTemplates[${i}]${old ? '.Spec' : ''}`
  const all = 'a negative value retains all historical revisions; a value >= 0 is recommended'
  return [
    ...workloadWarnings(object, old),
    ...volumeClaimTemplates.flatMap(({ spec }, i) => claimSpecWarnings(path(i), spec ?? {})),
    ...(revisionHistoryLimit < 0 ? [`spec.revisionHistoryLimit: ${all}`] : []),
  ]
}
