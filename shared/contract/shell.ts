/** What only the Electron shell can do; absent in a browser, so the window must ask before it offers these. */
export interface Shell {
  readonly platform: 'darwin' | 'linux' | 'win32'
  minimise(): Promise<void>
  toggleMaximise(): Promise<void>
  close(): Promise<void>
  /** A file chosen by the user: its name and text, or undefined if they changed their mind. */
  openTextFile(options: { title: string; extensions: string[] }): Promise<{ name: string; text: string } | undefined>
  /** False if the user changed their mind. */
  saveTextFile(options: { title: string; name: string; text: string }): Promise<boolean>
  /** Only https: addresses and loopback ones. */
  openExternal(url: string): Promise<void>
  /** Shows a file of the cluster (kubeconfig) in the file manager. */
  showFile(path: string): Promise<void>
}

/** What the preload script puts on the page's `window.podbay`; its absence means a browser. */
export interface Bridge {
  readonly shell: Shell
  /**
   * Asks for a fresh connection to the engine. The MessagePort comes as a message event of the window itself whose
   * data is `portMessage` (a port can't cross the context bridge); also after a reload and after the engine restarted.
   */
  requestPort(): Promise<void>
}

/** Marks the message event that carries the engine's port. */
export const portMessage = 'podbay-port'

/** What the shell sends the engine beside ports: stop gracefully and exit. Windows has no signal for that. */
export const quitMessage = 'podbay-quit'
