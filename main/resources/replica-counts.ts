import type { StatusCause } from '../../shared/api/object.ts'
import { child, invalid } from '../../shared/machinery/field-errors.ts'
import { nonNegative } from './faults.ts'

/** The numbers in the status of a ReplicaSet, ReplicationController or Deployment. */
interface Counts {
  replicas?: number
  updatedReplicas?: number
  fullyLabeledReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  unavailableReplicas?: number
  terminatingReplicas?: number
  observedGeneration?: number
  collisionCount?: number
}

/** None is negative and none is greater than the whole (pkg/apis/apps/validation ValidateReplicaSetStatus). */
export function validateReplicaCounts(status: Counts, fields: readonly (keyof Counts)[]): StatusCause[] {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  const parts = (['fullyLabeledReplicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'] as const).filter(
    field => fields.includes(field) && (status[field] ?? 0) > replicas,
  )
  const unready = availableReplicas > readyReplicas
  return [
    ...fields.flatMap(field => nonNegative(child('status', field), status[field])),
    ...parts.map(field =>
      invalid(child('status', field), status[field] ?? 0, 'cannot be greater than status.replicas'),
    ),
    ...(unready
      ? [invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas')]
      : []),
  ]
}
