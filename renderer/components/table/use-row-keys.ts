import type { ComputedRef, Ref } from 'vue'
import type { Row } from '../../live/live-list.ts'
import type { SteadyRow } from './use-steady-order.ts'

interface RowKeysOptions {
  steady: ComputedRef<readonly SteadyRow[]>
  activeUid: Ref<string | undefined>
  chosen: Ref<ReadonlySet<string>>
  open: (row: Row, how: 'side' | 'page') => void
  scrollTo: (index: number) => void
  /** Rows that fit into the view. */
  pageSize: () => number
}

/** Moving and choosing by keyboard: J K or arrows, G and Shift G, Space, Shift arrows, Enter, Shift Enter. */
export function useRowKeys({ steady, activeUid, chosen, open, scrollTo, pageSize }: RowKeysOptions) {
  /** Where a range began. */
  let anchor = -1
  const activeIndex = () => steady.value.findIndex(item => item.uid === activeUid.value)

  function moveTo(index: number): void {
    const at = Math.min(steady.value.length - 1, Math.max(0, index))
    const item = steady.value[at]
    if (!item) return
    activeUid.value = item.uid
    scrollTo(at)
  }

  function toggle(row: Row): void {
    const { uid } = row.object.metadata
    const next = new Set(chosen.value)
    if (!next.delete(uid)) next.add(uid)
    chosen.value = next
    anchor = steady.value.findIndex(item => item.uid === uid)
  }

  function rangeTo(index: number): void {
    const from = anchor < 0 ? index : anchor
    const [first, last] = from < index ? [from, index] : [index, from]
    const uids = steady.value.slice(first, last + 1).map(item => item.uid)
    chosen.value = new Set([...chosen.value, ...uids])
  }

  function step(by: number, range: boolean): void {
    const at = activeIndex()
    if (range && anchor < 0) anchor = at
    moveTo(at < 0 ? 0 : at + by)
    if (range) rangeTo(activeIndex())
    else anchor = -1
  }

  /** True if the key was one of these. */
  function handle(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false
    const row = steady.value[activeIndex()]?.row
    switch (event.key) {
      case 'j':
      case 'ArrowDown':
        step(1, event.shiftKey)
        return true
      case 'k':
      case 'ArrowUp':
        step(-1, event.shiftKey)
        return true
      case 'PageDown':
        step(pageSize(), false)
        return true
      case 'PageUp':
        step(-pageSize(), false)
        return true
      case 'g':
      case 'Home':
        moveTo(0)
        return true
      case 'G':
      case 'End':
        moveTo(steady.value.length - 1)
        return true
      case ' ':
        if (row) toggle(row)
        return true
      case 'Enter':
        if (row) open(row, event.shiftKey ? 'page' : 'side')
        return true
      default:
        return false
    }
  }

  return { handle, toggle, rangeTo }
}
