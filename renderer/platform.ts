import { shell } from './transport.ts'

/** Cmd takes Ctrl's place on macOS. */
export const isMac = shell ? shell.platform === 'darwin' : /Mac/.test(navigator.userAgent)
export const modifier = isMac ? '⌘' : 'Ctrl'

/** Ctrl, or Cmd on macOS, alone. */
export const hasModifier = (event: KeyboardEvent): boolean =>
  (isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) && !event.altKey
