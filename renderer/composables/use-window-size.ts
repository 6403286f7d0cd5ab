import { onScopeDispose, readonly, ref } from 'vue'

/** The window's inner width and height in px. */
export function useWindowSize() {
  const width = ref(window.innerWidth)
  const height = ref(window.innerHeight)
  const update = () => {
    width.value = window.innerWidth
    height.value = window.innerHeight
  }
  window.addEventListener('resize', update)
  onScopeDispose(() => window.removeEventListener('resize', update))
  return { width: readonly(width), height: readonly(height) }
}
