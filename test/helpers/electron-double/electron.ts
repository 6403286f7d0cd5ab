import { createChannel, type Port } from './ports.ts'

/**
 * Stands in for the module `electron` where its binary can't be had, so that the real main/index.ts and preload.ts run:
 * windows are pages of Debian's Chromium, the engine is a real child process, ports carry messages between them.
 *
 * What it can't show: context isolation and the sandbox of Electron's renderer (the settings are checked instead), the
 * real `podbay:` scheme (the handler is run, at a stand-in address), how Electron enforces permissions and navigation
 * (the decisions are checked), anything of the window system, tray and menu drawing, packaging.
 */
export { app } from './app.ts'
export { BrowserWindow } from './browser-window.ts'
export { protocol } from './protocol.ts'
export { utilityProcess } from './utility-process.ts'

export class MessageChannelMain {
  readonly port1: Port
  readonly port2: Port
  constructor() {
    const { port1, port2 } = createChannel()
    this.port1 = port1
    this.port2 = port2
  }
}

type Item = { label?: string; role?: string; accelerator?: string; click?: () => void; submenu?: Item[] }

/** What the app asked of the system. */
export const asked = {
  opened: [] as string[],
  shownFiles: [] as string[],
  messages: [] as { message: string; detail?: string }[],
  menu: [] as Item[],
  tray: { tip: '', menu: [] as Item[] },
  /** What the user chooses in the next file dialog. */
  chosenFile: undefined as string | undefined,
}

export const shell = {
  openExternal: async (url: string) => void asked.opened.push(url),
  showItemInFolder: (path: string) => void asked.shownFiles.push(path),
}

export const dialog = {
  showOpenDialog: async () => ({ filePaths: asked.chosenFile === undefined ? [] : [asked.chosenFile] }),
  showSaveDialog: async () => ({ filePath: asked.chosenFile ?? '' }),
  showMessageBox: async (options: { message: string; detail?: string }) => {
    asked.messages.push(options)
    return { response: 0 }
  },
}

export const Menu = {
  buildFromTemplate: (items: Item[]) => items,
  setApplicationMenu: (items: Item[]) => void (asked.menu = items),
}

export class Tray {
  on(): void {
    // Clicks come from the window system, which is not here.
  }
  setToolTip(tip: string): void {
    asked.tray.tip = tip
  }
  setContextMenu(menu: Item[]): void {
    asked.tray.menu = menu
  }
}

export const nativeImage = { createFromPath: (path: string) => ({ path }) }

export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }

type Decide = (...args: never[]) => unknown

/** The decisions the app made about permissions, to be asked by tests. */
export const decisions: Record<'request' | 'check' | 'device' | 'display', Decide> = {
  request: () => undefined,
  check: () => true,
  device: () => true,
  display: () => undefined,
}

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: Decide) => void (decisions.request = handler),
    setPermissionCheckHandler: (handler: Decide) => void (decisions.check = handler),
    setDevicePermissionHandler: (handler: Decide) => void (decisions.device = handler),
    setDisplayMediaRequestHandler: (handler: Decide) => void (decisions.display = handler),
  },
}
