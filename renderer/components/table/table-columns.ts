import type { TableColumn } from '../../../shared/api/meta.ts'
import type { Row } from '../../live/live-list.ts'

/** A column as the window shows it. */
export interface ShownColumn {
  /** The server's name for it. */
  name: string
  show: 'status' | 'name' | 'namespace' | 'age' | 'restarts' | 'text' | 'code' | 'number'
  /** Index into a row's cells; -1 for what comes from the object itself. */
  cell: number
  /** Px that its words take, and how much of that it needs to be of use. */
  width: number
  least: number
  end: boolean
}

interface ColumnsInput {
  /** `pods` or `deployments.apps` */
  resource: string
  columns: readonly TableColumn[]
  rows: readonly Row[]
  hasStatus: boolean
  hasNamespace: boolean
  /** What the user turned on or off. */
  chosen: Readonly<Record<string, boolean>>
  /** Px the columns have together. */
  available: number
}

/** Columns of priority 1 that are worth their place when there is room. */
const wideByDefault: Readonly<Record<string, readonly string[]>> = {
  pods: ['Node', 'IP'],
  'deployments.apps': ['Images'],
  'replicasets.apps': ['Images'],
  services: ['Selector'],
  nodes: ['Internal-IP'],
  events: ['Count'],
}

/** Given up first to last when there is too little room; everything else goes before them, from the right. */
const keptLongest = ['IP', 'Node', 'CPU', 'Memory', 'Namespace', 'Restarts']
/** What a list is about: given up last of all. */
const essential = new Set(['Ready', 'Reason', 'Object', 'Message'])

const codes = new Set([
  'IP',
  'Node',
  'Cluster-IP',
  'External-IP',
  'Internal-IP',
  'Images',
  'Selector',
  'Object',
  'Port(s)',
  'Endpoints',
  'Addresses',
  'Ports',
  'Containers',
  'Holder',
])
/** Cells that say the same as the columns that come from the object itself. */
const replaced = new Set(['Name', 'Status', 'Namespace', 'Age', 'Created At', 'Phase'])
const replacedIn: Readonly<Record<string, readonly string[]>> = { events: ['Last Seen', 'Type'] }
const padding = 12
/** Px that a column claims at most where others want room, too, and the most that it takes; by the column. */
const usual = { claim: 120, most: 280 }
const roomy: Readonly<Record<string, typeof usual>> = {
  Name: { claim: 240, most: 300 },
  Object: { claim: 200, most: 280 },
  Message: { claim: 200, most: 640 },
}

/** All columns a kind can show, in order: Status and Name lead, Age ends. */
export function candidates({ resource, columns, hasStatus, hasNamespace, rows }: ColumnsInput): ShownColumn[] {
  const own = columns.flatMap((column, cell): ShownColumn[] => {
    if (replaced.has(column.name) && (column.name !== 'Status' || hasStatus)) return []
    if (replacedIn[resource]?.includes(column.name)) return []
    const number = column.type === 'integer' || column.type === 'number'
    const show = column.name === 'Restarts' ? 'restarts' : number ? 'number' : codes.has(column.name) ? 'code' : 'text'
    const end = number && show !== 'restarts'
    const size = sizeOf(column.name, rows, row => row.cells[cell], show === 'restarts' ? 108 : 40)
    return [{ name: column.name, show, cell, end, ...size }]
  })
  const status: ShownColumn = { name: 'Status', show: 'status', cell: -1, end: false, width: 148, least: 148 }
  const name: ShownColumn = {
    name: 'Name',
    show: 'name',
    cell: -1,
    end: false,
    ...sizeOf('Name', rows, row => row.object.metadata.name, 140),
  }
  const namespace: ShownColumn = {
    name: 'Namespace',
    show: 'namespace',
    cell: -1,
    end: false,
    ...sizeOf('Namespace', rows, row => row.object.metadata.namespace, 72),
  }
  const age: ShownColumn = { name: 'Age', show: 'age', cell: -1, end: true, width: 64, least: 64 }
  return [...(hasStatus ? [status] : []), name, ...(hasNamespace ? [namespace] : []), ...own, age]
}

/** The columns to show: the user's choice, else the default ones that fit. */
export function shownColumns(input: ColumnsInput): ShownColumn[] {
  const all = candidates(input)
  const wide = wideByDefault[input.resource] ?? []
  const priority = new Map(input.columns.map(column => [column.name, column.priority]))
  const wanted = all.filter(
    ({ name }) => input.chosen[name] ?? ((priority.get(name) ?? 0) === 0 || wide.includes(name)),
  )
  const fixed = new Set(['Status', 'Name', 'Age'])
  const order = wanted
    .filter(({ name }) => !fixed.has(name) && input.chosen[name] !== true)
    .reverse()
    .sort((a, b) => dropRank(a, priority) - dropRank(b, priority))
  const total = () => wanted.reduce((sum, column) => sum + column.least + padding, 0)
  for (const column of order) {
    if (total() <= input.available) break
    wanted.splice(wanted.indexOf(column), 1)
  }
  return wanted
}

function dropRank({ name }: ShownColumn, priority: ReadonlyMap<string, number>): number {
  const kept = keptLongest.indexOf(name)
  if (essential.has(name)) return 100
  if (kept >= 0) return 10 + kept
  return (priority.get(name) ?? 0) > 0 ? 0 : 8
}

/** CSS for the grid: no column narrower than it is of use, and the room left is shared as the words need it. */
export function gridTemplate(columns: readonly ShownColumn[], hasChoice: boolean): string {
  const tracks = columns.map(({ width, least, end, show }) =>
    end || show === 'status' ? `${width}px` : `minmax(${least}px, ${width}fr)`,
  )
  return [...(hasChoice ? ['16px'] : []), ...tracks].join(' ')
}

/** Wide enough for the head and for the first few hundred cells, at 7.3 px a character, within what the column may take. */
function sizeOf(
  head: string,
  rows: readonly Row[],
  cellOf: (row: Row) => unknown,
  least: number,
): Pick<ShownColumn, 'width' | 'least'> {
  let longest = head.length + 1
  for (const row of rows.slice(0, 300)) longest = Math.max(longest, cellText(cellOf(row)).length)
  const { claim, most } = roomy[head] ?? usual
  const width = Math.round(Math.min(most, Math.max(least, longest * 7.3)))
  return { width, least: Math.min(width, claim) }
}

/** A cell of the server's Table as text; `<none>` and the like become a dash. */
export function cellText(cell: unknown): string {
  if (cell === null || cell === undefined || cell === '') return '–'
  if (typeof cell === 'string') return /^<(none|unset|unknown)>$/.test(cell) ? '–' : cell
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell)
  return JSON.stringify(cell)
}
