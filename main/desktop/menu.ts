import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { Texts } from './texts.ts'

/**
 * The application menu. Outside macOS its keys must not be ones a shell in a terminal needs (Ctrl W, Ctrl R, Ctrl Q):
 * a menu takes its keys before the page sees them. There the page also does copy and paste itself.
 */
export function setMenu({ texts, isMac, show }: { texts: Texts; isMac: boolean; show: () => void }): void {
  const key = (mac: string, other: string) => (isMac ? mac : other)
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const edit: MenuItemConstructorOptions[] = [
    { role: 'undo' },
    { role: 'redo' },
    separator,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ]
  const template: MenuItemConstructorOptions[] = [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: texts.file,
      submenu: [
        { label: texts.open, click: show },
        { role: 'close', accelerator: key('Cmd+W', 'Ctrl+Shift+W') },
        ...(isMac ? [] : [separator, { role: 'quit', label: texts.quit, accelerator: 'Ctrl+Shift+Q' } as const]),
      ],
    },
    { label: texts.edit, submenu: edit.map(item => (isMac ? item : { ...item, registerAccelerator: false })) },
    {
      label: texts.view,
      submenu: [
        { role: 'reload', accelerator: key('Cmd+R', 'Ctrl+Shift+R') },
        { role: 'toggleDevTools', accelerator: key('Alt+Cmd+I', 'Ctrl+Shift+I') },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    ...(isMac ? [{ role: 'windowMenu', label: texts.window } as const] : []),
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
