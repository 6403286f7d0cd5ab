import { describe, expect, it } from 'vitest'
import type { Row } from '../../live/live-list.ts'
import { podStatus } from '../../status/pod-status.ts'
import { ended, now, podOf } from '../../testing/objects.ts'
import type { Pod } from '../../../shared/api/core.ts'
import { cellText, shownColumns } from './table-columns.ts'
import { sortRows } from './table-sort.ts'

const column = (name: string, priority = 0, type: 'string' | 'integer' = 'string') => ({
  name,
  type,
  format: '',
  description: '',
  priority,
})
const columns = [
  column('Name'),
  column('Ready'),
  column('Status'),
  column('Restarts'),
  column('Age'),
  column('IP', 1),
  column('Node', 1),
  column('Nominated Node', 1),
]
const crash = { state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 5, lastState: ended(1, 5) }
const rows: Row<Pod>[] = [
  podOf({ name: 'b' }),
  podOf({ name: 'a' }),
  podOf({ name: 'z', ready: false, container: crash }),
].map(object => ({
  object,
  cells: [object.metadata.name, '1/1', 'Running', '0', '1h', '10.42.1.10', 'bay-1', '<none>'],
}))
const input = { resource: 'pods', columns, rows, hasStatus: true, hasNamespace: true, chosen: {}, available: 2_000 }
const names = (list: readonly { name: string }[]) => list.map(c => c.name)

describe('shownColumns', () => {
  it('leads with status and name, ends with age, and leaves out what nobody asked for', () => {
    expect(names(shownColumns(input))).toEqual([
      'Status',
      'Name',
      'Namespace',
      'Ready',
      'Restarts',
      'IP',
      'Node',
      'Age',
    ])
  })
  it('gives up IP, node, namespace and restarts in that order when it is narrow', () => {
    const dropped = [1100, 620, 560, 480, 450].map(available => names(shownColumns({ ...input, available })))
    expect(dropped.at(-1)).toEqual(['Status', 'Name', 'Ready', 'Age'])
    for (const list of dropped) {
      if (list.includes('IP')) expect(list).toContain('Node')
      if (list.includes('Namespace')) expect(list).toContain('Restarts')
    }
  })
  it('shortens long words before it gives up a column', () => {
    const long = 'a-namespace-with-a-name-as-long-as-names-may-be-at-all-and-so-on'
    const wordy = rows.map(row => ({
      ...row,
      object: { ...row.object, metadata: { ...row.object.metadata, name: long, namespace: long } },
    }))
    const list = names(shownColumns({ ...input, rows: wordy, available: 980 }))
    expect(list).toEqual(names(shownColumns({ ...input, available: 980 })))
    expect(list).toContain('Namespace')
  })
  it('says of events what happened to what, before anything else', () => {
    const eventColumns = ['Last Seen', 'Type', 'Reason', 'Object', 'Message'].map(name => column(name))
    const cells = [
      '37s',
      'Warning',
      'BackOff',
      'pod/web-7b894b6f59-6fmt6',
      'Back-off restarting failed container '.repeat(4),
    ]
    const events = { ...input, resource: 'events', columns: eventColumns, rows: rows.map(row => ({ ...row, cells })) }
    expect(names(shownColumns(events))).toEqual(['Status', 'Name', 'Namespace', 'Reason', 'Object', 'Message', 'Age'])
    expect(names(shownColumns({ ...events, available: 860 }))).toEqual([
      'Status',
      'Name',
      'Reason',
      'Object',
      'Message',
      'Age',
    ])
  })
  it('gives up what no rule names from the right', () => {
    const other = ['One', 'Two', 'Three'].map(name => column(name))
    const list = shownColumns({ ...input, resource: 'others', columns: other, available: 540 })
    expect(names(list)).toEqual(['Status', 'Name', 'Namespace', 'One', 'Age'])
  })
  it('does as the user chose', () => {
    const chosen = { IP: false, 'Nominated Node': true }
    expect(names(shownColumns({ ...input, chosen, available: 300 }))).toEqual([
      'Status',
      'Name',
      'Nominated Node',
      'Age',
    ])
  })
})

describe('sortRows', () => {
  const shown = shownColumns(input)
  const sorted = (column: string, descending = false) =>
    sortRows(rows, { column, descending }, { columns: shown, statusOf: row => podStatus(row.object, now) }).map(
      row => row.object.metadata.name,
    )
  it('puts the worst first, then goes by name', () => {
    expect(sorted('Status')).toEqual(['z', 'a', 'b'])
  })
  it('keeps names in order among equals when it is turned round', () => {
    expect(sorted('Status', true)).toEqual(['a', 'b', 'z'])
    expect(sorted('Name', true)).toEqual(['z', 'b', 'a'])
  })
  it('counts restarts as numbers', () => {
    expect(sorted('Restarts', true)[0]).toBe('z')
  })
})

describe('cellText', () => {
  it('shows what is not there as a dash', () => {
    expect(['<none>', null, '', 0, false].map(cellText)).toEqual(['–', '–', '–', '0', 'false'])
  })
})
