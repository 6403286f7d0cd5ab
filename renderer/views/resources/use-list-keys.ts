import type { ComputedRef } from 'vue'
import { takesText } from '../../composables/use-global-keys.ts'
import { useObjectActions } from '../../composables/use-object-actions.ts'
import type { Kind } from '../../live/discovery.ts'
import type { Row } from '../../live/live-list.ts'
import { hasModifier } from '../../platform.ts'
import { useSettings } from '../../stores/settings.ts'

interface ListKeysOptions {
  kind: ComputedRef<Kind | undefined>
  focusFilter: () => void
  allNamespaces: () => void
  sortBy: (column: string) => void
  open: (row: Row, how: 'side' | 'page') => void
}

/** Actions by key; the menu shows the same keys. */
const actionKeys: Readonly<Record<string, string>> = {
  l: 'logs',
  p: 'previous',
  s: 'shell',
  y: 'edit',
  e: 'edit',
  r: 'restart',
  '=': 'scale',
  c: 'copy',
}
const sortKeys: Readonly<Record<string, string>> = { N: 'Name', S: 'Status', A: 'Age', R: 'Restarts' }

/** The single keys of a list and of the row they act on. They do nothing in fields, and can be turned off. */
export function useListKeys({ kind, focusFilter, allNamespaces, sortBy, open }: ListKeysOptions) {
  const { actionsOf, openOwner } = useObjectActions()
  const settings = useSettings()

  function onRow(event: KeyboardEvent, row: Row): void {
    if (!kind.value) return
    const run = (id: string) => {
      const action = kind.value && actionsOf(kind.value, row.object).find(a => a.id === id)
      if (!action) return
      event.preventDefault()
      action.run()
    }
    if (hasModifier(event) && event.key === 'd') {
      run('delete')
      return
    }
    if (event.key === 'Delete') {
      run('delete')
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !settings.singleKeys) return
    if (event.key === 'o') openOwner(row.object)
    else if (event.key === 'd' || event.key === 'w') open(row, 'side')
    else if (actionKeys[event.key]) run(actionKeys[event.key] ?? '')
  }

  function anywhere(event: KeyboardEvent): void {
    if (event.defaultPrevented || takesText(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === '/') focusFilter()
    else if (event.key === '0' && settings.singleKeys) allNamespaces()
    else if (sortKeys[event.key] && settings.singleKeys) sortBy(sortKeys[event.key] ?? '')
    else return
    event.preventDefault()
  }

  return { onRow, anywhere }
}
