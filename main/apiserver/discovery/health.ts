import type { RequestContext, ServerResponse } from '../request.ts'

/** One thing that must be well; the answer is why it is not, or undefined. */
export interface HealthCheck {
  readonly name: string
  readonly check: () => string | undefined
}

export type HealthEndpoint = 'livez' | 'readyz' | 'healthz'

/**
 * `/livez`, `/readyz` and `/healthz` (apiserver/pkg/server/healthz): `ok` or 500, with `?verbose` a line for each check,
 * `?exclude=` leaves one out, `/readyz/<name>` asks for one. Undefined for a check that does not exist.
 */
export function answerHealth(
  endpoint: HealthEndpoint,
  checks: readonly HealthCheck[],
  { request, info }: RequestContext,
): ServerResponse | undefined {
  const single = info.path.slice(endpoint.length + 2)
  if (single !== '') {
    const found = checks.find(check => check.name === single)
    if (!found) return undefined
    const fault = found.check()
    return text(fault === undefined ? 200 : 500, fault === undefined ? 'ok' : `internal server error: ${fault}\n`)
  }
  const excluded = request.query.getAll('exclude')
  const results = checks.map(({ name, check }) => ({
    name,
    fault: excluded.includes(name) ? undefined : check(),
    excluded: excluded.includes(name),
  }))
  const failed = results.filter(result => result.fault !== undefined)
  const lines = results.map(({ name, fault, excluded: left }) => {
    if (left) return `[+]${name} excluded: ok\n`
    return fault === undefined ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`
  })
  if (failed.length > 0) return text(500, `${lines.join('')}${endpoint} check failed\n`)
  return text(200, request.query.has('verbose') ? `${lines.join('')}${endpoint} check passed\n` : 'ok')
}

function text(status: number, content: string): ServerResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return { status, headers, body: { value: () => content, chunks: () => [Buffer.from(content)] } }
}
