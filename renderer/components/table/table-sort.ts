import type { Pod } from '../../../shared/api/core.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import type { Row } from '../../live/live-list.ts'
import { restartsOf } from '../../status/pod-status.ts'
import { rankOf, type ObjectStatus } from '../../status/status.ts'
import { eventTime } from '../../why/events.ts'
import type { ShownColumn } from './table-columns.ts'

export interface Sort {
  column: string
  descending: boolean
}

type Key = string | number

const collator = new Intl.Collator('en', { numeric: true })

/**
 * Rows in order: by the column, then by name, so that equal rows never change places. Keys are computed once per row.
 * Status sorts worst first; Age puts the youngest first, as events put the newest.
 */
export function sortRows<T extends KubeObject>(
  rows: readonly Row<T>[],
  { column, descending }: Sort,
  { columns, statusOf }: { columns: readonly ShownColumn[]; statusOf: (row: Row<T>) => ObjectStatus | undefined },
): Row<T>[] {
  const shown = columns.find(c => c.name === column)
  const keyOf = (row: Row<T>): Key => {
    switch (shown?.show ?? (column === 'Status' ? 'status' : 'name')) {
      case 'status':
        return rankOf(statusOf(row)?.mark)
      case 'name':
        return ''
      case 'namespace':
        return row.object.metadata.namespace ?? ''
      case 'age':
        return -ageTime(row.object)
      case 'restarts':
        return row.object.kind === 'Pod'
          ? restartsOf(row.object as KubeObject as Pod)
          : numberIn(row.cells[shown?.cell ?? -1])
      case 'number':
        return numberIn(row.cells[shown?.cell ?? -1])
      case 'text':
      case 'code': {
        const cell = row.cells[shown?.cell ?? -1]
        return typeof cell === 'number' ? cell : typeof cell === 'string' ? cell : JSON.stringify(cell ?? '')
      }
    }
  }
  const sign = descending ? -1 : 1
  return rows
    .map(row => ({ row, key: keyOf(row) }))
    .sort((a, b) => sign * compare(a.key, b.key) || sign ** Number(column === 'Name') * byName(a.row, b.row))
    .map(({ row }) => row)
}

/** The instant a row's age counts from: of an event when it was last seen, else the creation. */
export function ageTime(object: KubeObject): number {
  return object.kind === 'Event'
    ? eventTime(object as Parameters<typeof eventTime>[0])
    : Date.parse(object.metadata.creationTimestamp ?? '') || 0
}

function compare(a: Key, b: Key): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
}

function byName({ object: a }: Row, { object: b }: Row): number {
  const [left, right] = [a.metadata.name, b.metadata.name]
  if (left !== right) return left < right ? -1 : 1
  return (a.metadata.namespace ?? '') < (b.metadata.namespace ?? '') ? -1 : 1
}

const numberIn = (cell: unknown): number => (typeof cell === 'number' ? cell : Number.parseFloat(String(cell)) || 0)
