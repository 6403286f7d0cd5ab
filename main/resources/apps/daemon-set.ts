import { daemonSets, type DaemonSet } from '../../../shared/api/apps.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, invalid } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { containerColumns } from '../container-columns.ts'
import { nonNegative } from '../faults.ts'
import { bumpGeneration, startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { formatLabels, selectorColumn } from '../selector-columns.ts'
import { validateDaemonSet, validateDaemonSetUpdate } from './daemon-set-validation.ts'
import { dropDisabledTemplateFields, setTemplateDefaults } from '../pod-template.ts'
import { workloadWarnings } from '../warnings/workload.ts'

export const daemonSet = defineResource(daemonSets, {
  shortNames: ['ds'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.apps.v1.DaemonSet'),
  setDefaults,
  prepareForCreate: object => {
    object.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }
    startGeneration(object)
    setTemplateGeneration(object, Math.max(1, templateGenerationOf(object)))
    dropDisabledTemplateFields(object.spec.template)
  },
  prepareForUpdate: (object, old) => {
    dropDisabledTemplateFields(object.spec.template)
    const changed = !jsonEqual(object.spec.template, old.spec.template)
    setTemplateGeneration(object, templateGenerationOf(old) + (changed ? 1 : 0))
    bumpGeneration(object, old)
  },
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  warnings: (object, old) =>
    jsonEqual(object.spec.template, old?.spec.template) ? [] : workloadWarnings(object, undefined),
  status: {
    prepareForUpdate: (object, old) => {
      setTemplateGeneration(object, templateGenerationOf(old))
    },
    validateUpdate: validateStatus,
  },
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', cell: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status?.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', cell: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', cell: ({ status }) => status?.numberAvailable ?? 0 },
    { name: 'Node Selector', type: 'string', cell: ({ spec }) => formatLabels(spec.template.spec?.nodeSelector) },
    ageColumn,
    ...containerColumns,
    selectorColumn,
  ],
})

/** pkg/apis/apps/v1/defaults.go SetDefaults_DaemonSet. */
function setDefaults(object: DaemonSet): void {
  const spec = ((object as Partial<DaemonSet>).spec ??= {} as DaemonSet['spec'])
  const strategy = (spec.updateStrategy ??= {})
  strategy.type ||= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {})
    rolling.maxUnavailable ??= 1
    rolling.maxSurge ??= 0
  }
  spec.revisionHistoryLimit ??= 10
  setTemplateDefaults(((spec as Partial<DaemonSet['spec']>).template ??= {}))
}

const templateGeneration = 'deprecated.daemonset.template.generation'

/** Upstream's internal spec.templateGeneration: apps/v1 shows it as an annotation that only the server sets. */
function templateGenerationOf({ metadata }: DaemonSet): number {
  const text = metadata.annotations?.[templateGeneration] ?? ''
  return /^[+-]?\d+$/.test(text) ? Number(text) : 0
}

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
}

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const

/** pkg/apis/apps/validation ValidateDaemonSetStatusUpdate. */
function validateStatus({ status }: DaemonSet, old: DaemonSet): StatusCause[] {
  const collisions = status?.collisionCount ?? 0
  const less = collisions < (old.status?.collisionCount ?? 0)
  return [
    ...counts.flatMap(field => nonNegative(child('status', field), status?.[field])),
    ...(less ? [invalid('status.collisionCount', collisions, 'cannot be decremented')] : []),
  ]
}
