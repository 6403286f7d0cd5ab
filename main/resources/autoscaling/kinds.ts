import { anyKind, type Resource } from '../resource.ts'
import { horizontalPodAutoscalerV1 } from './horizontal-pod-autoscaler-v1.ts'
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'

export const autoscalingKinds: readonly Resource[] = [
  anyKind(horizontalPodAutoscaler),
  anyKind(horizontalPodAutoscalerV1),
]
