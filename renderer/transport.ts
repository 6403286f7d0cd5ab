import { messagePortTransport } from '../shared/contract/message-port.ts'
import type { Transport } from '../shared/contract/rpc.ts'
import { portMessage, type Bridge, type Shell } from '../shared/contract/shell.ts'
import { openWebSocket } from '../shared/contract/web-socket.ts'

declare global {
  interface Window {
    podbay?: Bridge
  }
}

/** The shell's own abilities, if there is a shell. */
export const shell: Shell | undefined = window.podbay?.shell

const tokenKey = 'podbay-token'

/**
 * The token that the engine put into the page's address as its fragment. It is taken out of the address bar and the
 * history, and kept for reloads of this tab.
 */
export function takeToken(page: Pick<Window, 'location' | 'history' | 'sessionStorage'>): string {
  const given = /^#token=([\w.-]+)$/.exec(page.location.hash)?.[1]
  if (given === undefined) return page.sessionStorage.getItem(tokenKey) ?? ''
  page.sessionStorage.setItem(tokenKey, given)
  page.history.replaceState(null, '', page.location.pathname + page.location.search)
  return given
}

/** Opens a connection to the engine over whatever this window has: Electron's port, else a socket of the same origin. */
export function openTransport(token: string): Promise<Transport> {
  if (window.podbay) return portFrom(window.podbay)
  const url = new URL('/rpc', window.location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return openWebSocket(url.href, token)
}

function portFrom(bridge: Bridge): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const receive = (event: MessageEvent) => {
      const port = event.ports[0]
      // Only the preload, which shares this window, may hand over a port.
      if (event.source !== window || event.data !== portMessage || !port) return
      window.removeEventListener('message', receive)
      resolve(messagePortTransport(port))
    }
    window.addEventListener('message', receive)
    bridge.requestPort().catch((error: unknown) => {
      window.removeEventListener('message', receive)
      reject(error instanceof Error ? error : new Error(String(error)))
    })
  })
}
