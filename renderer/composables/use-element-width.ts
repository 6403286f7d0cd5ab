import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue'

/** The width of an element in px, 0 while there is none. */
export function useElementWidth(element: Readonly<Ref<HTMLElement | null>>) {
  const width = ref(0)
  const observer = new ResizeObserver(([entry]) => (width.value = Math.round(entry?.contentRect.width ?? 0)))
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (now) observer.observe(now)
    },
    { immediate: true, flush: 'post' },
  )
  onScopeDispose(() => observer.disconnect())
  return readonly(width)
}
