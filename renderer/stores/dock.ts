import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { panels, type PanelKind, type PanelTarget } from '../components/dock/registry.ts'

export interface DockTab {
  id: string
  kind: PanelKind
  target: PanelTarget
}

/** What of the dock outlives the page: which tabs there are and how they stand, not what is in them. */
export interface DockState {
  tabs: DockTab[]
  activeId: string
  besideId: string
  open: boolean
  maximised: boolean
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
  const state = computed<DockState>(() => ({
    tabs: tabs.value,
    activeId: activeId.value,
    besideId: besideId.value,
    open: open.value,
    maximised: maximised.value,
  }))

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

  /**
   * Opens what was open before; terminals only if their session is one of `sessions`. What the user opened meanwhile
   * stays in front.
   */
  function restore(kept: DockState, sessions: ReadonlySet<string>): void {
    const before = readTabs(kept.tabs).filter(
      ({ kind, target: { session } }) => kind !== 'terminal' || (session !== undefined && sessions.has(session)),
    )
    const front = active.value
    tabs.value = [...before, ...tabs.value]
    if (front || before.length === 0) return
    activeId.value = (before.find(({ id }) => id === kept.activeId) ?? before[0])?.id ?? ''
    besideId.value = kept.besideId
    open.value = kept.open
    maximised.value = kept.maximised
  }

  return { tabs, activeId, besideId, open, maximised, active, beside, state, show, close, split, restore }
})

/** The tabs that this window can show: the settings may be damaged, or those of another version. */
function readTabs(kept: unknown): DockTab[] {
  return Array.isArray(kept) ? kept.filter(isTab) : []
}

function isTab(value: unknown): value is DockTab {
  const { id, kind, target } = (value ?? {}) as Partial<DockTab>
  const { ref: of, namespace, name } = target?.link ?? {}
  const texts = [id, kind, of?.group, of?.version, of?.resource, of?.kind, namespace, name]
  return texts.every(text => typeof text === 'string') && Object.hasOwn(panels, kind ?? '')
}
