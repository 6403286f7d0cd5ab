import { horizontalPodAutoscalersV1, type HorizontalPodAutoscalerV1 } from '../../../shared/api/autoscaling.ts'
import { horizontalPodAutoscalers } from '../../../shared/api/autoscaling.ts'
import { defineResource, storedAs } from '../resource.ts'
import { schemaOf } from '../schemas.ts'
import { autoscalerColumns } from './autoscaler-columns.ts'
import { validateAutoscaler, validateAutoscalerStatus, validateAutoscalerUpdate } from './autoscaler-validation.ts'
import { roundTrip } from './round-trip-annotations.ts'
import { fromV2, toV2 } from './v1-conversion.ts'

/** autoscaling/v1: checked and printed in the form of v2, in which it is stored. */
export const horizontalPodAutoscalerV1 = defineResource(horizontalPodAutoscalersV1, {
  stored: storedAs(horizontalPodAutoscalersV1, horizontalPodAutoscalers, { from: fromV2, to: toV2 }),
  shortNames: ['hpa'],
  categories: ['all'],
  schema: () => schemaOf('io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler'),
  setDefaults,
  prepareForCreate: object => {
    object.status = { currentReplicas: 0, desiredReplicas: 0 }
    takeAnnotations(object, undefined, statusAnnotations)
  },
  prepareForUpdate: (object, old) => {
    takeAnnotations(object, old, statusAnnotations)
  },
  validate: object => validateAutoscaler(toV2(object)),
  validateUpdate: (object, old) => validateAutoscalerUpdate(toV2(object), toV2(old)),
  status: {
    prepareForUpdate: (object, old) => {
      takeAnnotations(object, old, specAnnotations)
    },
    validateUpdate: object => validateAutoscalerStatus(toV2(object)),
  },
  columns: autoscalerColumns.map(column => ({ ...column, cell: (object, now) => column.cell(toV2(object), now) })),
})

/** pkg/apis/autoscaling/v1/defaults.go; the metric is up to the conversion, which knows the annotations. */
function setDefaults(object: HorizontalPodAutoscalerV1): void {
  const spec = ((object as Partial<HorizontalPodAutoscalerV1>).spec ??= {} as HorizontalPodAutoscalerV1['spec'])
  // Numbers and structs in Go, so never absent there.
  const sent = spec as Partial<HorizontalPodAutoscalerV1['spec']>
  sent.maxReplicas ??= 0
  sent.scaleTargetRef ??= { kind: '', name: '' }
  spec.minReplicas ??= 1
}

const statusAnnotations = [roundTrip.currentMetrics, roundTrip.conditions]
const specAnnotations = [roundTrip.metrics, roundTrip.behavior]

/** What a request must not change includes the annotations that stand for it. */
function takeAnnotations(
  object: HorizontalPodAutoscalerV1,
  old: HorizontalPodAutoscalerV1 | undefined,
  names: readonly string[],
): void {
  const before = old?.metadata.annotations ?? {}
  const own = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => !names.includes(name))
  const kept = names.flatMap(name => (before[name] === undefined ? [] : [[name, before[name]]]))
  const annotations = Object.fromEntries([...own, ...kept]) as Record<string, string>
  if (Object.keys(annotations).length > 0) object.metadata.annotations = annotations
  else delete object.metadata.annotations
}
