import type { ServerRequest, ServerResponse } from '../request.ts'

/** The server: never rejects. */
export type Serve = (request: ServerRequest) => Promise<ServerResponse>

export const noQuery = new URLSearchParams()

/** Splits a request target into path and query. One in absolute form, as for a proxy, is its path. */
export function splitTarget(target: string): { path: string; search: string } {
  const own = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '')
  const at = own.indexOf('?')
  return at < 0 ? { path: own, search: '' } : { path: own.slice(0, at), search: own.slice(at + 1) }
}
