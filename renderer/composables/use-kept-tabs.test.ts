import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import { createSettings } from '../../main/host/settings.ts'
import { createTerminals, type Terminals } from '../../main/host/terminals.ts'
import { deployments } from '../../shared/api/apps.ts'
import { pods } from '../../shared/api/core.ts'
import type { Host } from '../../shared/contract/host.ts'
import { silent } from '../../shared/machinery/log.ts'
import { processExec } from '../../test/helpers/process-exec.ts'
import { createAppRouter } from '../router.ts'
import { sessionKey, type Session } from '../session.ts'
import { useDock } from '../stores/dock.ts'
import { useSettings } from '../stores/settings.ts'
import { useKeptTabs } from './use-kept-tabs.ts'

const web = { ref: deployments, namespace: 'shop', name: 'web' }
const api = { ref: pods, namespace: 'shop', name: 'api' }

/** The engine's own settings and terminals, which outlive the windows. */
let directory: string
let terminals: Terminals
let host: Host
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kept-tabs-'))
  const settings = createSettings(join(directory, 'settings.json'), silent)
  terminals = createTerminals({ openExec: processExec().openExec, log: silent })
  host = {
    loadSettings: () => settings.load(),
    saveSettings: (value: unknown) => settings.save(value),
    terminals: async () => terminals.list(),
  } as unknown as Host
})
afterEach(async () => {
  await terminals[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

const openShell = async () =>
  (await terminals.open({ namespace: 'shop', pod: 'api', container: 'api', command: ['cat'], width: 80, height: 24 }))
    .id

/** A window from its load on. */
function load() {
  const pinia = createPinia()
  setActivePinia(pinia)
  const link = { host, opened: async () => undefined, state: shallowRef({ state: 'open', attempt: 0, lostAt: 0 }) }
  const Window = { setup: useKeptTabs, template: '<i />' }
  const session = { host, link } as unknown as Session
  mount(Window, { global: { plugins: [pinia, createAppRouter()], provide: { [sessionKey as symbol]: session } } })
  void useSettings().persist(host)
  return useDock()
}
const titles = (dock: ReturnType<typeof useDock>) => dock.tabs.map(({ kind, target }) => [kind, target.link?.name])
/** Settings are written a moment after a change. */
const saved = (count: number) =>
  vi.waitFor(async () => expect((await host.loadSettings())['dock']).toHaveProperty('tabs.length', count), 3_000)

it('brings tabs back in their order, and each terminal once', { timeout: 20_000 }, async () => {
  const before = load()
  before.show('logs', { link: api })
  await saved(1)
  before.close(before.activeId)
  const session = await openShell()
  before.show('terminal', { link: api, container: 'api' })
  // Its panel says later which session it is.
  before.tabs[0]!.target.session = session
  before.show('logs', { link: web })
  await saved(2)

  const after = load()
  await vi.waitFor(() =>
    expect(titles(after)).toEqual([
      ['terminal', 'api'],
      ['logs', 'web'],
    ]),
  )
  expect(after.tabs[0]?.target.session).toBe(session)
  expect(after.active?.kind).toBe('logs')
  after.close(after.activeId)
  await saved(1)

  await terminals.close(session)
  const other = await openShell()
  const last = load()
  await vi.waitFor(() => expect(last.tabs.map(({ target }) => target.session)).toEqual([other]))
})
