import type { V2HorizontalPodAutoscaler } from '@kubernetes/client-node/dist/gen/models/V2HorizontalPodAutoscaler.js'
import type { StoredSpec } from './object.ts'
import type { ResourceRef } from './ref.ts'

export interface HorizontalPodAutoscaler extends StoredSpec<V2HorizontalPodAutoscaler> {}

export const horizontalPodAutoscalers: ResourceRef<HorizontalPodAutoscaler> = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
}
