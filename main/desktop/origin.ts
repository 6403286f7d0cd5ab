/** The window's own scheme and host: `podbay://app/`. */
export const scheme = 'podbay'
export const home = `${scheme}://app/`

/** Compares parsed parts: `podbay://app.evil/` and `podbay:app` begin alike and are not ours. */
export function isOwnPage(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, port } = new URL(address)
  return protocol === `${scheme}:` && host === 'app' && username === '' && port === ''
}

/** What may be handed to the system's browser: https, and http on this computer (port-forwards). */
export function isSafeExternally(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password } = new URL(address)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  return protocol === 'http:' && (['localhost', '[::1]'].includes(hostname) || /^127(\.\d+){3}$/.test(hostname))
}
