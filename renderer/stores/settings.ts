import { defineStore } from 'pinia'
import { reactive, toRefs, watch } from 'vue'
import type { Host } from '../../shared/contract/host.ts'
import type { Locale } from '../i18n/i18n.ts'
import type { DockState } from './dock.ts'

/** What the user chose, kept by the engine between runs. */
export interface Settings {
  theme: 'system' | 'dark' | 'light'
  /** '' follows the system. */
  locale: Locale | ''
  /** Row height in px. */
  density: 24 | 28 | 32
  sidebarOpen: boolean
  sidebarWidth: number
  /** Share of the main area, 0 to 1. */
  drawerShare: number
  dockHeight: number
  dock: DockState
  collapsed: string[]
  /** Namespaces shown, by cluster; none means all. */
  namespaces: Record<string, string[]>
  /** Columns the user turned on or off, by resource. */
  columns: Record<string, Record<string, boolean>>
  singleKeys: boolean
}

const defaults: Settings = {
  theme: 'system',
  locale: '',
  density: 28,
  sidebarOpen: true,
  sidebarWidth: 224,
  drawerShare: 0.46,
  dockHeight: 320,
  dock: { tabs: [], activeId: '', besideId: '', open: false, maximised: false },
  collapsed: ['config', 'storage', 'access', 'custom'],
  namespaces: {},
  columns: {},
  singleKeys: true,
}

/** Settings are written this long after the last change, so that dragging an edge is one write. */
const settle = 400

export const useSettings = defineStore('settings', () => {
  const settings = reactive<Settings>(structuredClone(defaults))
  const loaded = Promise.withResolvers<undefined>()

  /** Reads what was kept, then keeps every change. A value of the wrong type is a default again. */
  async function persist(host: Host): Promise<void> {
    try {
      const kept = await host.loadSettings()
      for (const [name, value] of Object.entries(kept)) {
        if (name in defaults && shapeOf(value) === shapeOf(defaults[name as keyof Settings]))
          Object.assign(settings, { [name]: value })
      }
    } finally {
      loaded.resolve(undefined)
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    watch(settings, () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        // A lost connection loses at most the width of a drawer; the next change writes everything again.
        host.saveSettings(JSON.parse(JSON.stringify(settings)) as Record<string, unknown>).catch(() => undefined)
      }, settle)
    })
  }

  /** Resolves when what was kept is in, or can't be had. */
  const whenLoaded = () => loaded.promise

  return { ...toRefs(settings), persist, whenLoaded }
})

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
}
