import { BrowserWindow, MessageChannelMain, screen } from 'electron'
import type { Engine } from './engine.ts'
import { handler, handleCalls } from './ipc.ts'
import { none } from './arguments.ts'
import { home } from './origin.ts'
import { shellHandlers } from './shell.ts'
import { keepWindowState, loadWindowState, smallest } from './window-state.ts'

interface MainWindowOptions {
  preload: string
  icon: string
  stateFile: string
  engine: Engine
  ownFiles: () => string[]
  isMac: boolean
}

/** A page that crashes more often than this within a minute is left as it is. */
const reloadsPerMinute = 3

/** The one window: no title bar of its own, no Node in it, and the engine's port on request. */
export function openMainWindow(options: MainWindowOptions): BrowserWindow {
  const { engine, stateFile, isMac } = options
  const { maximised, ...bounds } = loadWindowState(
    stateFile,
    screen.getAllDisplays().map(display => display.workArea),
  )
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    // The page's header is the title bar; macOS keeps its lights.
    ...(isMac ? { titleBarStyle: 'hidden' } : { frame: false }),
    icon: options.icon,
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      spellcheck: false,
    },
  })
  const { webContents } = window
  if (maximised) window.maximize()
  keepWindowState(window, stateFile)
  window.once('ready-to-show', () => window.show())
  recover(window)

  handleCalls(webContents, {
    ...shellHandlers(window, options.ownFiles),
    port: handler(none, () => {
      const { port1, port2 } = new MessageChannelMain()
      engine.connect(port1)
      webContents.postMessage('port', null, [port2])
    }),
  })
  void window.loadURL(home)
  return window
}

/** A page that went (out of memory, say) is loaded again: cluster and terminals live elsewhere. */
function recover(window: BrowserWindow): void {
  let reloads: number[] = []
  window.webContents.on('render-process-gone', (_, { reason }) => {
    if (reason === 'clean-exit') return
    const now = Date.now()
    reloads = [...reloads.filter(at => now - at < 60_000), now]
    if (reloads.length <= reloadsPerMinute) window.reload()
  })
}
