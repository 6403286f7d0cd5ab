import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { beforeEach, describe, expect, it } from 'vitest'
import { useSettings } from './settings.ts'
import { useSidebar } from './sidebar.ts'

function resize(width: number): void {
  Object.defineProperty(window, 'innerWidth', { value: width, configurable: true })
  window.dispatchEvent(new Event('resize'))
}

describe('the sidebar', () => {
  beforeEach(() => {
    setActivePinia(createPinia())
    resize(1280)
  })

  it('stands beside the view as the user chose', () => {
    const sidebar = useSidebar()
    expect([sidebar.shown, sidebar.over]).toEqual([true, false])
    sidebar.toggle()
    expect(sidebar.shown).toBe(false)
    expect(useSettings().sidebarOpen).toBe(false)
  })
  it('lies over a narrow view only when it is asked for, and that is not kept', async () => {
    const sidebar = useSidebar()
    resize(900)
    expect(sidebar.shown).toBe(false)
    sidebar.toggle()
    expect([sidebar.shown, sidebar.over]).toEqual([true, true])
    expect(useSettings().sidebarOpen).toBe(true)
    resize(1280)
    await nextTick()
    expect([sidebar.shown, sidebar.over]).toEqual([true, false])
    resize(900)
    await nextTick()
    expect(sidebar.shown).toBe(false)
  })
})
