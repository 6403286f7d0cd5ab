import { readFile, stat, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { dialog, shell as system, type BrowserWindow } from 'electron'
import type { Shell } from '../../shared/contract/shell.ts'
import { none, oneText, openOptions, saveOptions } from './arguments.ts'
import { handler, type Handler } from './ipc.ts'
import { isSafeExternally } from './origin.ts'

/** A manifest or kubeconfig is small; what is larger was a slip of the hand. */
const maxRead = 10 << 20

/**
 * The Shell of one window as IPC handlers, `shell:<method>`. `ownFiles` says which files of the cluster may be shown
 * in the file manager.
 */
export function shellHandlers(window: BrowserWindow, ownFiles: () => string[]): Record<string, Handler> {
  const methods: Record<Exclude<keyof Shell, 'platform'>, Handler> = {
    minimise: handler(none, () => window.minimize()),
    toggleMaximise: handler(none, () => (window.isMaximized() ? window.unmaximize() : window.maximize())),
    close: handler(none, () => window.close()),
    openTextFile: handler(openOptions, async ({ title, extensions }) => {
      const filters = [{ name: extensions.join(', '), extensions }]
      const { filePaths } = await dialog.showOpenDialog(window, { title, filters, properties: ['openFile'] })
      const [path] = filePaths
      if (path === undefined) return undefined
      if ((await stat(path)).size > maxRead) throw new Error(`${basename(path)} is larger than 10 MB`)
      return { name: basename(path), text: await readFile(path, 'utf8') }
    }),
    saveTextFile: handler(saveOptions, async ({ title, name, text }) => {
      const { filePath } = await dialog.showSaveDialog(window, { title, defaultPath: name })
      if (!filePath) return false
      await writeFile(filePath, text)
      return true
    }),
    openExternal: handler(oneText, async address => {
      if (!isSafeExternally(address)) throw new Error('only https addresses and this computer are opened')
      await system.openExternal(new URL(address).href)
    }),
    showFile: handler(oneText, path => {
      if (!ownFiles().includes(path)) throw new Error('only files of the cluster are shown')
      system.showItemInFolder(path)
    }),
  }
  return Object.fromEntries(Object.entries(methods).map(([name, method]) => [`shell:${name}`, method]))
}
