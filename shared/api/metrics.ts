import type { KubeObject } from './object.ts'
import type { ResourceRef } from './ref.ts'

/** Amounts in use: `cpu` in cores, `memory` in bytes, as quantities. */
interface Usage {
  cpu: string
  memory: string
}

interface Measured extends KubeObject {
  /** When it was measured (RFC 3339), and over how long (`10s`). */
  timestamp: string
  window: string
}

export interface NodeMetrics extends Measured {
  usage: Usage
}

export interface PodMetrics extends Measured {
  containers: { name: string; usage: Usage }[]
}

const at = { group: 'metrics.k8s.io', version: 'v1beta1' }

export const nodeMetrics: ResourceRef<NodeMetrics> = {
  ...at,
  resource: 'nodes',
  kind: 'NodeMetrics',
  namespaced: false,
}

export const podMetrics: ResourceRef<PodMetrics> = { ...at, resource: 'pods', kind: 'PodMetrics', namespaced: true }
