import { join } from 'node:path'
import { app, dialog, utilityProcess, type BrowserWindow } from 'electron'
import type { HostStatus } from '../shared/contract/host.ts'
import { followStatus } from './desktop/engine-status.ts'
import { createEngine, type Crash, type Engine } from './desktop/engine.ts'
import { openMainWindow } from './desktop/main-window.ts'
import { setMenu } from './desktop/menu.ts'
import { registerPageScheme, servePageScheme } from './desktop/page-scheme.ts'
import { restrictPages } from './desktop/restrict.ts'
import { textsFor } from './desktop/texts.ts'
import { createTray } from './desktop/tray.ts'
import { systemClock } from '../shared/machinery/clock.ts'

/** The Electron entry: starts the engine beside itself and shows the window. No cluster logic here. */

app.enableSandbox()
registerPageScheme()
if (app.requestSingleInstanceLock()) void app.whenReady().then(start)
else app.quit()

function start(): void {
  const isMac = process.platform === 'darwin'
  const dist = join(app.getAppPath(), 'dist')
  const icon = join(dist, 'assets', 'desktop', 'icon.png')
  const texts = textsFor(app.getPreferredSystemLanguages())
  let window: BrowserWindow | undefined
  let status: HostStatus | undefined
  let engine: Engine | undefined
  /** Whether the newest engine process did. */
  let cameUp = false
  let explained = false

  restrictPages()
  servePageScheme(join(dist, 'renderer'))
  setMenu({ texts, isMac, show })
  const tray = createTray({
    icon: join(dist, 'assets', 'desktop', isMac ? 'trayTemplate.png' : 'tray.png'),
    texts,
    show,
    quit: () => app.quit(),
  })

  const running = createEngine({
    fork: () =>
      utilityProcess.fork(join(dist, 'main', 'headless.js'), ['up', '--headless', ...userArguments()], {
        serviceName: 'Podbay engine',
        stdio: ['ignore', 'inherit', 'pipe'],
        // V8 keeps up to 128 MiB for young objects if it is let; with this it is 24 at the same speed.
        execArgv: ['--max-semi-space-size=8'],
      }),
    clock: systemClock,
    onCrash: explain,
    onStart: () => {
      cameUp = false
      // After createEngine has returned: the first process starts within it.
      queueMicrotask(() => void followStatus(running, changed))
    },
  })
  engine = running
  show()

  app.on('second-instance', show)
  app.on('activate', show)
  // The cluster goes on without a window; the tray and a second start bring the window back.
  app.on('window-all-closed', () => undefined)
  app.on('before-quit', event => {
    if (!engine) return
    event.preventDefault()
    const ending = engine
    engine = undefined
    void ending.stop().finally(() => app.quit())
  })

  function changed(next: HostStatus | undefined): void {
    status = next
    cameUp ||= next?.state === 'running'
    tray.update(next)
  }

  function show(): void {
    if (window && !window.isDestroyed()) {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      return
    }
    window = openMainWindow({
      preload: join(dist, 'main', 'preload.cjs'),
      icon,
      stateFile: join(app.getPath('userData'), 'window.json'),
      engine: running,
      ownFiles: () => (status ? [status.kubeconfig] : []),
      isMac,
    })
  }

  /** An engine that does not come up says why, once for all its attempts; one that crashed later just comes back. */
  function explain({ words, code }: Crash): void {
    if (cameUp || explained) return
    explained = true
    const buttons = [texts.tryAgain, texts.quit]
    const detail = words.trim() || `code ${code}`
    void dialog.showMessageBox({ type: 'error', message: texts.notStarted, detail, buttons }).then(({ response }) => {
      explained = false
      if (response === 1) app.quit()
      else running.retry()
    })
  }
}

/** What the user gave on the command line besides Electron's own switches: `--name`, `--data-dir` and so on. */
function userArguments(): string[] {
  return process.argv.slice(app.isPackaged ? 1 : 2)
}
