import { computed, type ComputedRef, type Ref } from 'vue'
import { shownColumns, candidates, cellText, type ShownColumn } from '../../components/table/table-columns.ts'
import { sortRows, type Sort } from '../../components/table/table-sort.ts'
import { useNamespaces } from '../../composables/use-namespaces.ts'
import { useStatus } from '../../composables/use-status.ts'
import { statusOf } from '../../status/status-of.ts'
import { useTexts } from '../../i18n/use-texts.ts'
import type { Kind } from '../../live/discovery.ts'
import type { LiveList, Row } from '../../live/live-list.ts'
import { groupResourceOf } from '../../../shared/api/ref.ts'
import { useSettings } from '../../stores/settings.ts'

interface RowsOptions {
  kind: ComputedRef<Kind | undefined>
  list: ComputedRef<LiveList | undefined>
  filter: Readonly<Ref<string>>
  sort: Readonly<Ref<Sort>>
  /** Px that the columns have together. */
  available: Readonly<Ref<number>>
}

/** What a list view shows: rows in the namespaces, that match, in order; and the columns that fit. */
export function useResourceRows({ kind, list, filter, sort, available }: RowsOptions) {
  const settings = useSettings()
  const { inNamespaces, chosen } = useNamespaces()
  const { context } = useStatus()
  const { stateText } = useTexts()

  const all = computed<readonly Row[]>(() => list.value?.rows.value ?? [])
  const inScope = computed(() => all.value.filter(row => inNamespaces(row.object)))
  const rowStatus = computed(() => {
    // A new cache whenever something that states depend on has changed.
    const current = context.value
    const cache = new WeakMap<Row, ReturnType<typeof statusOf>>()
    return (row: Row) => {
      if (!cache.has(row)) cache.set(row, statusOf(row.object, current))
      return cache.get(row)
    }
  })

  /** Words are looked for in the name, the namespace, the state and the cells; all of them must be found. */
  const matching = computed(() => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean)
    if (words.length === 0) return inScope.value
    return inScope.value.filter(row => {
      const status = rowStatus.value(row)
      const { name, namespace, labels } = row.object.metadata
      const parts = [
        name,
        namespace ?? '',
        ...row.cells.map(cellText),
        ...Object.entries(labels ?? {}).map(l => l.join('=')),
      ]
      if (status) parts.push(status.word, stateText(status))
      const text = parts.join(' ').toLowerCase()
      return words.every(word => text.includes(word))
    })
  })

  const hasStatus = computed(() => inScope.value.slice(0, 20).some(row => rowStatus.value(row) !== undefined))
  const resource = computed(() => (kind.value ? groupResourceOf(kind.value.ref) : ''))
  const input = computed(() => ({
    resource: resource.value,
    columns: list.value?.columns.value ?? [],
    rows: inScope.value,
    hasStatus: hasStatus.value,
    hasNamespace: (kind.value?.ref.namespaced ?? false) && chosen.value.length !== 1,
    chosen: settings.columns[resource.value] ?? {},
    available: available.value || 1_000,
  }))
  const columns = computed<ShownColumn[]>(() => shownColumns(input.value))
  const allColumns = computed<ShownColumn[]>(() => candidates(input.value))
  const sorted = computed(() =>
    sortRows(matching.value, sort.value, { columns: allColumns.value, statusOf: rowStatus.value }),
  )

  function toggleColumn(name: string, on: boolean): void {
    const { columns: before } = settings
    settings.columns = { ...before, [resource.value]: { ...before[resource.value], [name]: on } }
  }
  function resetColumns(): void {
    settings.columns = Object.fromEntries(Object.entries(settings.columns).filter(([name]) => name !== resource.value))
  }

  return { all, inScope, sorted, columns, allColumns, rowStatus, toggleColumn, resetColumns }
}
