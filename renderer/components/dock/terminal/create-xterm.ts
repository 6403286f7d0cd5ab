import '@xterm/xterm/css/xterm.css'
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { Terminal, type ITheme } from '@xterm/xterm'
import { isMac } from '../../../platform.ts'
import { shell } from '../../../transport.ts'
import { onThemeChange, readTokens } from '../theme.ts'

export interface Xterm extends Disposable {
  terminal: Terminal
  search: SearchAddon
  fit(): void
}

/** A terminal in `element`. Keys that the window needs for itself are left to it; `find` is called for its own. */
export function createXterm(element: HTMLElement, find: () => void): Xterm {
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: false,
    fontFamily: getComputedStyle(element).fontFamily,
    fontSize: 12,
    lineHeight: 1.2,
    scrollback: 10_000,
    macOptionIsMeta: true,
    rightClickSelectsWord: false,
    theme: themeOf(element),
    // A link in a terminal is hostile text: it opens only by a click with the modifier, outside the window.
    linkHandler: { activate: openLink },
    screenReaderMode: false,
  })
  const fitter = new FitAddon()
  const search = new SearchAddon()
  terminal.loadAddon(fitter)
  terminal.loadAddon(search)
  terminal.loadAddon(new Unicode11Addon())
  terminal.unicode.activeVersion = '11'
  terminal.attachCustomKeyEventHandler(event => isForTerminal(event, terminal, find))
  terminal.open(element)

  const ended = new AbortController()
  onThemeChange(() => (terminal.options.theme = themeOf(element)), ended.signal)
  return {
    terminal,
    search,
    fit: () => fitter.fit(),
    [Symbol.dispose]() {
      ended.abort()
      terminal.dispose()
    },
  }
}

/** False: the key is not for the command. What the browser does with it (paste) still happens. */
function isForTerminal(event: KeyboardEvent, terminal: Terminal, find: () => void): boolean {
  const { key, ctrlKey, shiftKey, altKey, metaKey } = event
  const own = isMac ? metaKey : ctrlKey && shiftKey
  if (key === 'F6' || (altKey && !ctrlKey && /^[1-9]$/.test(key))) return false
  if (own && ['d', 'm', 'v'].includes(key.toLowerCase())) return false
  if (own && key.toLowerCase() === 'c') {
    if (event.type === 'keydown' && terminal.hasSelection()) void navigator.clipboard.writeText(terminal.getSelection())
    event.preventDefault()
    return false
  }
  if ((isMac ? metaKey : ctrlKey) && !altKey && !shiftKey && key.toLowerCase() === 'f') {
    if (event.type === 'keydown') find()
    event.preventDefault()
    return false
  }
  return true
}

function openLink(event: MouseEvent, address: string): void {
  if (!(isMac ? event.metaKey : event.ctrlKey) || !URL.canParse(address) || new URL(address).protocol !== 'https:')
    return
  if (shell) void shell.openExternal(address)
  else window.open(address, '_blank', 'noopener,noreferrer')
}

function themeOf(element: HTMLElement): ITheme {
  const names = [
    'bg-inset',
    'text',
    'text-2',
    'text-3',
    'bg-select',
    'accent',
    'err',
    'ok',
    'warn',
    'pend',
    'id-5',
  ] as const
  const tokens = readTokens(element, names)
  return {
    background: tokens['bg-inset'],
    foreground: tokens.text,
    cursor: tokens.text,
    cursorAccent: tokens['bg-inset'],
    selectionBackground: tokens['bg-select'],
    black: tokens['text-3'],
    red: tokens.err,
    green: tokens.ok,
    yellow: tokens.warn,
    blue: tokens.accent,
    magenta: tokens.pend,
    cyan: tokens['id-5'],
    white: tokens['text-2'],
    brightBlack: tokens['text-3'],
    brightRed: tokens.err,
    brightGreen: tokens.ok,
    brightYellow: tokens.warn,
    brightBlue: tokens.accent,
    brightMagenta: tokens.pend,
    brightCyan: tokens['id-5'],
    brightWhite: tokens.text,
  }
}
