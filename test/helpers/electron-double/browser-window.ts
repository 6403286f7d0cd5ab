import { EventEmitter } from 'node:events'
import { app } from './app.ts'
import { WebContents } from './web-contents.ts'

interface Options {
  width: number
  height: number
  x?: number
  y?: number
  webPreferences: Record<string, unknown> & { preload: string }
}

const windows: BrowserWindow[] = []

/** Stands in for electron.BrowserWindow. Place and size are only remembered: there is no window system. */
export class BrowserWindow extends EventEmitter {
  readonly options: Options
  readonly webContents: WebContents
  #shown = false
  #minimised = false
  #maximised = false
  #destroyed = false

  constructor(options: Options) {
    super()
    this.options = options
    this.webContents = new WebContents(options.webPreferences)
    windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'))
  }

  static getAllWindows(): BrowserWindow[] {
    return windows.filter(window => !window.#destroyed)
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url)
  }
  reload(): void {
    void this.webContents.page.then(page => page.reload())
  }
  show(): void {
    this.#shown = true
  }
  focus(): void {
    this.#shown = true
  }
  isVisible(): boolean {
    return this.#shown && !this.#minimised
  }
  minimize(): void {
    this.#minimised = true
  }
  restore(): void {
    this.#minimised = false
  }
  isMinimized(): boolean {
    return this.#minimised
  }
  maximize(): void {
    this.#maximised = true
  }
  unmaximize(): void {
    this.#maximised = false
  }
  isMaximized(): boolean {
    return this.#maximised
  }
  isDestroyed(): boolean {
    return this.#destroyed
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    const { x = 0, y = 0, width, height } = this.options
    return { x, y, width, height }
  }

  close(): void {
    if (this.#destroyed) return
    this.emit('close', { preventDefault: () => undefined })
    this.#destroyed = true
    app.opened.push(this.webContents.destroy())
    this.emit('closed')
    if (BrowserWindow.getAllWindows().length > 0 || app.quitting) return
    // Without a listener Electron quits when the last window closes.
    if (!app.emit('window-all-closed')) app.quit()
  }
}
app.closeWindows = () => BrowserWindow.getAllWindows().forEach(window => window.close())
