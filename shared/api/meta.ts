/** The versions in which the forms of objects that are no kinds of their own are served. */
export type MetaVersion = 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1'

/** A Table as `Accept: application/json;as=Table;v=v1;g=meta.k8s.io` asks for it (meta/v1 types.go). */
export interface Table<Row = unknown> {
  apiVersion: MetaVersion
  kind: 'Table'
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  columnDefinitions: TableColumn[]
  rows: TableRow<Row>[]
}

export interface TableColumn {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format: string
  description: string
  /** 0 is always shown; higher ones only in wide output. */
  priority: number
}

export interface TableRow<Row = unknown> {
  cells: unknown[]
  conditions?: { type: string; status: string; reason?: string; message?: string }[]
  /** What `includeObject` asked for: PartialObjectMetadata by default. */
  object?: Row
}
