import type { StatusCause } from '../../../shared/api/object.ts'
import { priorityClasses, type PriorityClass } from '../../../shared/api/scheduling.ts'
import { forbidden, invalid } from '../../../shared/machinery/field-errors.ts'
import { validatePreemption } from '../core/pod/scheduling-validation.ts'
import { immutable } from '../faults.ts'
import { startGeneration } from '../generation.ts'
import { ageColumn, nameColumn } from '../name-column.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

/** The most that a class may be worth whose name does not begin with `system-`. */
const highestOfUsers = 1_000_000_000

/** The classes that every cluster has (pkg/apis/scheduling/v1/helpers.go). */
export const systemPriorityClasses = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2 * highestOfUsers + 1000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2 * highestOfUsers,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
] as const

export const priorityClass = defineResource(priorityClasses, {
  shortNames: ['pc'],
  schema: () => schemaOf('io.k8s.api.scheduling.v1.PriorityClass'),
  setDefaults: object => {
    object.value ??= 0
    object.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  prepareForCreate: startGeneration,
  validate,
  validateUpdate,
  columns: [
    nameColumn,
    { name: 'Value', type: 'integer', cell: object => object.value ?? 0 },
    { name: 'Global-Default', type: 'boolean', cell: object => object.globalDefault ?? false },
    ageColumn,
    { name: 'PreemptionPolicy', type: 'string', cell: object => object.preemptionPolicy ?? '' },
  ],
})

function validate(object: PriorityClass): StatusCause[] {
  const { metadata, value = 0, preemptionPolicy } = object
  const most = `maximum allowed value of a user defined priority is ${highestOfUsers}`
  const isSystem = metadata.name.startsWith('system-')
  const why = isSystem ? whyNotSystem(object) : undefined
  const reserved = `priority class names with 'system-' prefix are reserved for system use only. error: ${why ?? ''}`
  return [
    ...(why === undefined ? [] : [forbidden('metadata.name', reserved)]),
    ...(!isSystem && value > highestOfUsers ? [forbidden('value', most)] : []),
    ...validatePreemption(preemptionPolicy, 'preemptionPolicy'),
  ]
}

function whyNotSystem({ metadata: { name }, value, globalDefault = false }: PriorityClass): string | undefined {
  const known = systemPriorityClasses.find(({ metadata }) => metadata.name === name)
  if (!known) return `${name} is not a known system priority class`
  if (known.value !== value) return `value of ${name} PriorityClass must be ${known.value}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}

function validateUpdate(object: PriorityClass, old: PriorityClass): StatusCause[] {
  return [
    ...(object.value === old.value ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...(object.preemptionPolicy === old.preemptionPolicy
      ? []
      : [invalid('preemptionPolicy', object.preemptionPolicy, immutable)]),
  ]
}
