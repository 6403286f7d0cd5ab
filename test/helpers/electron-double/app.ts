import { EventEmitter } from 'node:events'

/** Stands in for electron.app. `appPath` and `userData` are set by the test before the app's entry is imported. */
class App extends EventEmitter {
  readonly isPackaged = true
  appPath = ''
  userData = ''
  isSandboxed = false
  quitting = false
  /** What takes time to end; a test awaits it. */
  readonly opened: Promise<unknown>[] = []
  closeWindows: () => void = () => undefined
  readonly #exited = Promise.withResolvers<true>()

  /** Resolves when the app has quit. */
  get exited(): Promise<true> {
    return this.#exited.promise
  }

  enableSandbox(): void {
    this.isSandboxed = true
  }
  requestSingleInstanceLock(): boolean {
    return true
  }
  async whenReady(): Promise<void> {
    await Promise.resolve()
  }
  getAppPath(): string {
    return this.appPath
  }
  getPath(_: 'userData'): string {
    return this.userData
  }
  getPreferredSystemLanguages(): string[] {
    return ['en-GB']
  }

  /** Asks, closes the windows, ends: the order of Electron's events. */
  quit(): void {
    const event = { prevented: false, preventDefault: () => (event.prevented = true) }
    this.emit('before-quit', event)
    if (event.prevented || this.quitting) return
    this.quitting = true
    this.closeWindows()
    this.emit('will-quit')
    this.#exited.resolve(true)
  }
}

export const app = new App()
