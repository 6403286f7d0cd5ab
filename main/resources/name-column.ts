import type { KubeObject } from '../../shared/api/object.ts'
import { ageOf } from '../../shared/machinery/duration.ts'
import type { Column } from './resource.ts'

/** The first column of every table. */
export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  cell: object => object.metadata.name,
}

/** How long ago the object was created, as upstream prints it (`5m`). */
export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'string',
  cell: (object, now) => ageOf(object.metadata.creationTimestamp, now),
}
