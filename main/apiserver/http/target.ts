import type { ServerRequest, ServerResponse } from '../request.ts'

/** The server: never rejects. */
export type Serve = (request: ServerRequest) => Promise<ServerResponse>

export const noQuery = new URLSearchParams()

/** Splits a request target into path and query. */
export function splitTarget(target: string): { path: string; search: string } {
  const at = target.indexOf('?')
  return at < 0 ? { path: target, search: '' } : { path: target.slice(0, at), search: target.slice(at + 1) }
}
