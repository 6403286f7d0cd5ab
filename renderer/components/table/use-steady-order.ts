import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { Row } from '../../live/live-list.ts'

export interface SteadyRow {
  row: Row
  uid: string
  /** It was deleted while the order was held. */
  gone: boolean
}

/**
 * Keeps rows from moving while the user points at one. While `held`, rows change in place, deleted ones stay dimmed
 * and new ones wait (`waiting` counts them); when it ends, or on `admit`, the true order is shown.
 */
export function useSteadyOrder(
  sorted: ComputedRef<readonly Row[]>,
  held: Readonly<Ref<boolean>>,
  subject: () => unknown,
) {
  const order = shallowRef<readonly Row[]>([])
  const admit = () => (order.value = sorted.value)
  watch(
    [sorted, held],
    () => {
      if (!held.value || order.value.length === 0) admit()
    },
    { immediate: true },
  )
  watch(subject, admit)

  const byUid = computed(() => new Map(sorted.value.map(row => [row.object.metadata.uid, row])))
  const steady = computed<SteadyRow[]>(() =>
    order.value.map(row => {
      const { uid } = row.object.metadata
      const now = byUid.value.get(uid)
      return { row: now ?? row, uid, gone: now === undefined }
    }),
  )
  const waiting = computed(() => {
    if (!held.value) return 0
    const known = new Set(order.value.map(row => row.object.metadata.uid))
    return sorted.value.filter(row => !known.has(row.object.metadata.uid)).length
  })
  return { steady, waiting, admit }
}
