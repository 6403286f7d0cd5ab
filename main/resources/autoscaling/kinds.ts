import { anyKind, type Resource } from '../resource.ts'
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'

export const autoscalingKinds: readonly Resource[] = [anyKind(horizontalPodAutoscaler)]
