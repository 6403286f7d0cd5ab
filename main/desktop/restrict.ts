import { app, session, type Session, type WebContents } from 'electron'
import { isOwnPage } from './origin.ts'

/**
 * Takes from every page what Electron would grant it: other addresses, new windows, webviews, devices and permissions.
 * The one permission left is writing text to the clipboard from a user's click in the own page.
 */
export function restrictPages(): void {
  app.on('web-contents-created', (_, contents) => restrict(contents))
  restrictSession(session.defaultSession)
}

function restrict(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.on('will-frame-navigate', event => {
    const staysHome = event.isMainFrame && isOwnPage(event.url)
    if (!staysHome) event.preventDefault()
  })
  contents.on('will-redirect', event => {
    if (!isOwnPage(event.url)) event.preventDefault()
  })
}

function restrictSession(session: Session): void {
  const allowed = (permission: string, page: string) => permission === 'clipboard-sanitized-write' && isOwnPage(page)
  session.setPermissionRequestHandler((_, permission, callback, details) => {
    callback(details.isMainFrame && allowed(permission, details.requestingUrl))
  })
  session.setPermissionCheckHandler((_, permission, origin) => allowed(permission, origin))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_, callback) => callback({}))
}
