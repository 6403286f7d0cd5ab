import type { V1HorizontalPodAutoscaler } from '@kubernetes/client-node/dist/gen/models/V1HorizontalPodAutoscaler.js'
import type { V2HorizontalPodAutoscaler } from '@kubernetes/client-node/dist/gen/models/V2HorizontalPodAutoscaler.js'
import type { StoredSpec } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface HorizontalPodAutoscaler extends StoredSpec<V2HorizontalPodAutoscaler> {}

/** The form of autoscaling/v1, which only knows the CPU. */
export interface HorizontalPodAutoscalerV1 extends StoredSpec<V1HorizontalPodAutoscaler> {}

export const horizontalPodAutoscalers: ResourceRef<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
}
export const horizontalPodAutoscalersV1: ResourceRef<HorizontalPodAutoscalerV1> = {
  group: 'autoscaling',
  version: 'v1',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
}
