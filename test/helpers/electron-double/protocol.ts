type Handler = (request: Request) => Promise<Response> | Response

const handlers = new Map<string, Handler>()
export const privileged: { scheme: string; privileges: Record<string, boolean> }[] = []

/** What the app registered for a scheme; throws if nothing did. */
export function schemeHandler(scheme: string): Handler {
  const handler = handlers.get(scheme)
  if (!handler) throw new Error(`no handler for ${scheme}:`)
  return handler
}

export const protocol = {
  registerSchemesAsPrivileged: (schemes: typeof privileged) => void privileged.push(...schemes),
  handle: (scheme: string, handler: Handler) => void handlers.set(scheme, handler),
}
