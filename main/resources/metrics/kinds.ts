import { nodeMetrics, podMetrics, type NodeMetrics, type PodMetrics } from '../../../shared/api/metrics.ts'
import type { Schema } from '../../../shared/machinery/schema.ts'
import { nameColumn } from '../name-column.ts'
import { anyKind, defineResource, type Resource, type Verb } from '../resource.ts'
import { schemaOf } from '../schemas.ts'

const text: Schema = { type: 'string' }
const usage: Schema = { type: 'object', additionalProperties: text }
const measured = (properties: Record<string, Schema>): Schema => ({
  type: 'object',
  properties: {
    apiVersion: text,
    kind: text,
    metadata: schemaOf('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
    timestamp: { type: 'string', format: 'date-time' },
    window: text,
    ...properties,
  },
})
const container: Schema = { type: 'object', properties: { name: text, usage } }

const verbs: readonly Verb[] = ['get', 'list']
const usageColumns = [
  { name: 'CPU', type: 'string' as const, cell: ({ usage: { cpu } }: NodeMetrics) => cpu },
  { name: 'Memory', type: 'string' as const, cell: ({ usage: { memory } }: NodeMetrics) => memory },
  { name: 'Window', type: 'string' as const, cell: ({ window }: NodeMetrics) => window },
]

/** What nodes and pods use now, for `kubectl top` and autoscalers (k8s.io/metrics). Never stored: kubelets are asked. */
const nodeUsage = defineResource(nodeMetrics, {
  verbs,
  schema: () => measured({ usage }),
  columns: [nameColumn, ...usageColumns],
})
const podUsage = defineResource(podMetrics, {
  verbs,
  schema: () => measured({ containers: { type: 'array', items: container } }),
  columns: [
    nameColumn,
    { name: 'Containers', type: 'integer', cell: ({ containers }: PodMetrics) => containers.length },
    { name: 'Window', type: 'string', cell: ({ window }: PodMetrics) => window },
  ],
})

export const metricsKinds: readonly Resource[] = [anyKind(nodeUsage), anyKind(podUsage)]
