import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { PanelKind, PanelTarget } from '../components/dock/registry.ts'

export interface DockTab {
  id: string
  kind: PanelKind
  target: PanelTarget
}

/** What is open at the foot of the window. A tab may be split: then `beside` shows another one at its right. */
export const useDock = defineStore('dock', () => {
  const tabs = ref<DockTab[]>([])
  const activeId = ref('')
  const besideId = ref('')
  const open = ref(false)
  const maximised = ref(false)

  const active = computed(() => tabs.value.find(tab => tab.id === activeId.value))
  const beside = computed(() => tabs.value.find(tab => tab.id === besideId.value && tab.id !== activeId.value))

  const keyOf = (kind: PanelKind, { link, container, previous, session }: PanelTarget) =>
    [kind, link?.ref.resource, link?.namespace, link?.name, container, previous, session].join('/')

  /** Opens a tab, or the one that shows the same thing already. A shell is always a new one. */
  function show(kind: PanelKind, target: PanelTarget): void {
    const key = keyOf(kind, target)
    const same = kind !== 'terminal' && tabs.value.find(tab => keyOf(tab.kind, tab.target) === key)
    const tab = same || { id: crypto.randomUUID(), kind, target }
    if (!same) tabs.value.push(tab)
    activeId.value = tab.id
    open.value = true
  }

  function close(id: string): void {
    const index = tabs.value.findIndex(tab => tab.id === id)
    if (index < 0) return
    tabs.value.splice(index, 1)
    if (besideId.value === id) besideId.value = ''
    if (activeId.value === id) activeId.value = (tabs.value[index] ?? tabs.value[index - 1])?.id ?? ''
    if (tabs.value.length === 0) open.value = maximised.value = false
  }

  /** Shows the next tab at the right of the active one, or ends the split. */
  function split(): void {
    if (beside.value) besideId.value = ''
    else besideId.value = tabs.value.find(tab => tab.id !== activeId.value)?.id ?? ''
  }

  return { tabs, activeId, besideId, open, maximised, active, beside, show, close, split }
})
