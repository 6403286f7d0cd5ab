import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useWindowSize } from '../composables/use-window-size.ts'
import { useSettings } from './settings.ts'

/** Below this width of the window, in px, the sidebar has no room beside the view. */
const beside = 1100

/**
 * Whether the sidebar is shown. Beside the view that is a setting. In a narrow window it is hidden, and lies over the
 * view from `toggle` to `lower`: that says nothing about how a wide window shall look, so it is not kept.
 */
export const useSidebar = defineStore('sidebar', () => {
  const settings = useSettings()
  const { width } = useWindowSize()
  const narrow = computed(() => width.value < beside)
  const raised = ref(false)
  const shown = computed(() => (narrow.value ? raised.value : settings.sidebarOpen))
  /** It covers a part of the view. */
  const over = computed(() => narrow.value && raised.value)

  function toggle(): void {
    if (narrow.value) raised.value = !raised.value
    else settings.sidebarOpen = !settings.sidebarOpen
  }
  function lower(): void {
    raised.value = false
  }
  watch(narrow, lower)

  return { narrow, shown, over, toggle, lower }
})
