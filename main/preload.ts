import { contextBridge, ipcRenderer } from 'electron'
import { portMessage, type Bridge, type Shell } from '../shared/contract/shell.ts'

/**
 * All that a page gets of Electron: the Shell, and the engine's port. Each method is named here; neither ipcRenderer
 * nor its events cross. Bundled to one CommonJS file, as a sandboxed preload must be.
 */

/** The one thing of the page that is needed here; this process has no DOM types. */
declare const window: {
  readonly location: { readonly origin: string }
  postMessage(message: string, targetOrigin: string, transfer: unknown[]): void
}

const call = (method: Exclude<keyof Shell, 'platform'>) =>
  (async (...args: unknown[]) => ipcRenderer.invoke(`shell:${method}`, ...args) as Promise<unknown>) as never

const shell: Shell = {
  platform: process.platform as Shell['platform'],
  minimise: call('minimise'),
  toggleMaximise: call('toggleMaximise'),
  close: call('close'),
  openTextFile: call('openTextFile'),
  saveTextFile: call('saveTextFile'),
  openExternal: call('openExternal'),
  showFile: call('showFile'),
}

ipcRenderer.on('port', ({ ports }) => {
  const [port] = ports as unknown[]
  if (port) window.postMessage(portMessage, window.location.origin, [port])
})

const bridge: Bridge = { shell, requestPort: () => ipcRenderer.invoke('port') as Promise<void> }
contextBridge.exposeInMainWorld('podbay', bridge)
