import { onScopeDispose, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { hasModifier } from '../platform.ts'
import { readParams } from '../router.ts'
import { useDialogs } from '../stores/dialogs.ts'
import { useDock } from '../stores/dock.ts'
import { useSidebar } from '../stores/sidebar.ts'

/** True where keys are text: fields, editors, terminals. */
export function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable], .monaco-editor, .xterm') !== null
  )
}

/** The keys that work everywhere. */
export function useGlobalKeys(root: Readonly<Ref<HTMLElement | null>>): void {
  const dialogs = useDialogs()
  const dock = useDock()
  const sidebar = useSidebar()
  const router = useRouter()
  const route = useRoute()

  function nextRegion(backwards: boolean): void {
    const all = [...(root.value?.querySelectorAll<HTMLElement>('[data-region]') ?? [])]
    const regions = all.filter(region => region.getClientRects().length > 0)
    const at = regions.findIndex(region => region.contains(document.activeElement))
    const next = at < 0 ? 0 : (at + (backwards ? -1 : 1) + regions.length) % regions.length
    regions[next]?.focus()
  }

  /** One step out: the sidebar over the view, the details, then the list is left as it is. Layers close themselves. */
  function stepOut(): boolean {
    if (sidebar.over) {
      sidebar.lower()
      return true
    }
    const { group, version, resource, name } = readParams(route.params)
    if (route.name !== 'resources' || !name) return false
    void router.push({ name: 'resources', params: { group: group || 'core', version, resource } })
    return true
  }

  function withModifier(event: KeyboardEvent): boolean {
    switch (event.key.toLowerCase()) {
      case 'k':
        dialogs.show({ type: 'palette' })
        return true
      case 'b':
        sidebar.toggle()
        return true
      case 'j':
        dock.open = !dock.open
        return true
      case 'd':
        if (event.shiftKey && dock.open) dock.split()
        return event.shiftKey && dock.open
      case 'm':
        if (event.shiftKey && dock.open) dock.maximised = !dock.maximised
        return event.shiftKey && dock.open
      default:
        return false
    }
  }

  function handle(event: KeyboardEvent): boolean {
    if (event.key === 'F6') {
      nextRegion(event.shiftKey)
      return true
    }
    const inTerminal = event.target instanceof Element && event.target.closest('.xterm') !== null
    if (inTerminal) return false
    if (hasModifier(event)) return withModifier(event)
    if (event.altKey && !event.ctrlKey && !event.shiftKey) {
      if (event.key === 'ArrowLeft') router.back()
      else if (event.key === 'ArrowRight') router.forward()
      else if (/^[1-9]$/.test(event.key) && dock.open)
        dock.activeId = dock.tabs[Number(event.key) - 1]?.id ?? dock.activeId
      else return false
      return true
    }
    if (takesText(event.target) || event.altKey || event.ctrlKey || event.metaKey) return false
    if (event.key === '?') dialogs.show({ type: 'keys' })
    else if (event.key === ':') dialogs.show({ type: 'palette', text: ':' })
    else if (event.key === 'Escape') return stepOut()
    else return false
    return true
  }

  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || dialogs.open) return
    if (handle(event)) event.preventDefault()
  }
  window.addEventListener('keydown', listen)
  onScopeDispose(() => window.removeEventListener('keydown', listen))
}
