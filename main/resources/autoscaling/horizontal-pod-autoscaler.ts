import { horizontalPodAutoscalers } from '../../../shared/api/autoscaling.ts'
import { defineResource } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { dropRoundTripAnnotations } from './round-trip-annotations.ts'
import { autoscalerColumns } from './autoscaler-columns.ts'
import { setAutoscalerDefaults } from './autoscaler-defaults.ts'
import { validateAutoscaler, validateAutoscalerStatus, validateAutoscalerUpdate } from './autoscaler-validation.ts'

/** autoscaling/v2, in whose form both versions are stored. */
export const horizontalPodAutoscaler = defineResource(horizontalPodAutoscalers, {
  shortNames: ['hpa'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler'),
  setDefaults: setAutoscalerDefaults,
  prepareForCreate: object => {
    object.status = { desiredReplicas: 0 }
    dropRoundTripAnnotations(object.metadata)
  },
  prepareForUpdate: object => {
    dropRoundTripAnnotations(object.metadata)
  },
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  status: { validateUpdate: validateAutoscalerStatus },
  columns: autoscalerColumns,
})
