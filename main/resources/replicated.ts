import type { PodTemplateSpec } from '../../shared/api/core.ts'
import type { KubeObject } from '../../shared/api/object.ts'
import { containerColumns } from './container-columns.ts'
import { bumpGeneration, startGeneration } from './generation.ts'
import { ageColumn, nameColumn } from './name-column.ts'
import { dropDisabledTemplateFields } from './pod-template.ts'
import type { Column } from './resource.ts'

interface Replicated extends KubeObject {
  spec: { replicas?: number; template?: PodTemplateSpec }
  status?: { replicas: number; readyReplicas?: number }
}

/** What ReplicaSet has of ReplicationController (pkg/registry/apps/replicaset and core/replicationcontroller, strategy.go). */
export const replicatedStrategy = {
  categories: ['all'],
  prepareForCreate(object: Replicated) {
    object.status = { replicas: 0 }
    startGeneration(object)
    if (object.spec.template) dropDisabledTemplateFields(object.spec.template)
  },
  prepareForUpdate(object: Replicated, old: Replicated) {
    if (object.spec.template) dropDisabledTemplateFields(object.spec.template)
    bumpGeneration(object, old)
  },
}

/** The columns of both but the last, their selector. */
export const replicatedColumns: Column<Replicated>[] = [
  nameColumn,
  { name: 'Desired', type: 'integer', cell: ({ spec }) => spec.replicas ?? 0 },
  { name: 'Current', type: 'integer', cell: ({ status }) => status?.replicas ?? 0 },
  { name: 'Ready', type: 'integer', cell: ({ status }) => status?.readyReplicas ?? 0 },
  ageColumn,
  ...containerColumns,
]
