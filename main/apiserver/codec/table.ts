import type { KubeObject } from '../../../shared/api/object.ts'
import type { MetaVersion, Table, TableColumn, TableRow } from '../../../shared/api/meta.ts'
import { badRequest } from '../../../shared/machinery/status.ts'
import type { Resource } from '../../resources/resource.ts'
import { partialMetadata } from './partial-metadata.ts'

/** What the `includeObject` parameter puts beside a row's cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** What of each object its row of a Table carries. Throws 400 for anything else. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const asked = query.get('includeObject') ?? 'Metadata'
  if (asked === '' || asked === 'Metadata') return 'Metadata'
  if (asked === 'None' || asked === 'Object') return asked
  throw badRequest(`unrecognized includeObject value: "${asked}"`)
}

function tableColumns(resource: Printed): TableColumn[] {
  return resource.columns.map(({ name, type, format = '', description = '', priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }))
}

/** What a table shows of a kind. */
export type Printed = Pick<Resource, 'columns'>

interface Rows {
  resource: Printed
  objects: readonly KubeObject[]
  include: IncludeObject
  /** Of the Table, and of what its rows carry. */
  apiVersion: MetaVersion
  now: number
}

/** A row for each object. */
export function tableRows({ resource, objects, include, apiVersion, now }: Rows): TableRow[] {
  return objects.map(object => {
    const row: TableRow = { cells: resource.columns.map(column => column.cell(object, now)) }
    if (include === 'Object') row.object = object
    else if (include === 'Metadata') row.object = partialMetadata(object, apiVersion)
    return row
  })
}

interface Given extends Rows {
  metadata: Table['metadata']
  /** False in a watch's later events, as upstream. */
  headers?: boolean
}

/** Objects as `kubectl get` shows them. */
export function tableOf({ metadata, headers = true, ...rows }: Given): Table {
  return {
    kind: 'Table',
    apiVersion: rows.apiVersion,
    metadata,
    columnDefinitions: headers ? tableColumns(rows.resource) : [],
    rows: tableRows(rows),
  }
}
