import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { pods } from '../../shared/api/core.ts'
import { useDock, type DockState } from './dock.ts'

const link = { ref: pods, namespace: 'shop', name: 'api' }

beforeEach(() => setActivePinia(createPinia()))

/** What is kept crosses as JSON. */
const kept = () => JSON.parse(JSON.stringify(useDock().state)) as DockState
function reload(state: unknown, sessions: string[] = []) {
  setActivePinia(createPinia())
  const dock = useDock()
  dock.restore(state as DockState, new Set(sessions))
  return dock
}

describe('the dock of a window that is loaded again', () => {
  it('has the same tabs in the same order, and the same ones in front', () => {
    const before = useDock()
    before.show('logs', { link, previous: true })
    before.show('terminal', { link, container: 'api', session: 'one' })
    before.show('logs', { link })
    before.split()
    before.maximised = true
    const after = reload(kept(), ['one'])
    expect(after.tabs).toEqual(before.tabs)
    expect(after.active?.target).toEqual({ link })
    expect(after.beside?.target).toEqual({ link, previous: true })
    expect(after).toMatchObject({ open: true, maximised: true })
  })

  it('stays hidden if it was', () => {
    useDock().show('logs', { link })
    useDock().open = false
    expect(reload(kept())).toMatchObject({ open: false, tabs: [{ kind: 'logs' }] })
  })

  it('drops terminals that are over, and then shows another tab', () => {
    useDock().show('logs', { link })
    useDock().show('terminal', { link, session: 'over' })
    const dock = reload(kept(), ['another'])
    expect(dock.tabs).toMatchObject([{ kind: 'logs' }])
    expect(dock.active?.kind).toBe('logs')
  })

  it('does not stand open with nothing in it', () => {
    useDock().show('terminal', { link, session: 'over' })
    expect(reload(kept())).toMatchObject({ open: false, tabs: [] })
  })

  it('takes nothing away that was opened meanwhile', () => {
    useDock().show('logs', { link })
    const before = kept()
    setActivePinia(createPinia())
    const dock = useDock()
    dock.show('yaml', { link })
    dock.restore(before, new Set())
    expect(dock.tabs.map(({ kind }) => kind)).toEqual(['logs', 'yaml'])
    expect(dock.active?.kind).toBe('yaml')
  })

  it.each([
    [undefined],
    ['text'],
    [{ 0: 'text' }],
    [[null, 1, {}, { id: 'a', kind: 'logs' }, { id: 'a', kind: 'logs', target: { link: { name: 'api' } } }]],
    [[{ id: 'a', kind: 'toString', target: { link } }]],
  ])('starts empty from %j', tabs => {
    expect(reload({ tabs, activeId: 'a', besideId: '', open: true, maximised: false })).toMatchObject({
      open: false,
      tabs: [],
    })
  })
})
