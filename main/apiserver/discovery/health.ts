import type { RequestContext, ServerResponse } from '../request.ts'

/** One thing that must be well; the answer is why it is not, or undefined. */
export interface HealthCheck {
  readonly name: string
  readonly check: () => string | undefined
}

/** What is a part of the process that answers, is as well as it is; its caches are the store's own. */
const always = (...names: string[]): HealthCheck[] => names.map(name => ({ name, check: () => undefined }))
const alive = always('ping', 'log', 'etcd')
const ownChecks = { healthz: alive, livez: alive, readyz: [...alive, ...always('etcd-readiness', 'informer-sync')] }

/**
 * `/livez`, `/readyz` and `/healthz` (apiserver/pkg/server/healthz): `ok` or 500, with `?verbose` a line for each check,
 * `?exclude=` leaves one out, `/readyz/<name>` asks for one. `others` follow the server's own checks. Undefined for a
 * check that does not exist.
 */
export function answerHealth(
  endpoint: keyof typeof ownChecks,
  others: readonly HealthCheck[],
  { request, info }: RequestContext,
): ServerResponse | undefined {
  const checks = [...ownChecks[endpoint], ...others]
  const single = info.path.slice(endpoint.length + 2)
  if (single !== '') {
    const found = checks.find(check => check.name === single)
    if (!found) return undefined
    const fault = found.check()
    return text(fault === undefined ? 200 : 500, fault === undefined ? 'ok' : `internal server error: ${fault}\n`)
  }
  const unknown = new Set(request.query.getAll('exclude'))
  const excluded = new Set(checks.map(({ name }) => name).filter(name => unknown.delete(name)))
  const failed = new Set(checks.filter(({ name, check }) => !excluded.has(name) && check() !== undefined))
  const lines = checks.map(check => {
    if (failed.has(check)) return `[-]${check.name} failed: reason withheld\n`
    return excluded.has(check.name) ? `[+]${check.name} excluded: ok\n` : `[+]${check.name} ok\n`
  })
  if (unknown.size > 0) {
    const names = [...unknown].sort().map(name => JSON.stringify(name))
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join()}\n`)
  }
  if (failed.size > 0) return text(500, `${lines.join('')}${endpoint} check failed\n`)
  return text(200, request.query.has('verbose') ? `${lines.join('')}${endpoint} check passed\n` : 'ok')
}

function text(status: number, content: string): ServerResponse {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return { status, headers, body: { value: () => content, chunks: () => [Buffer.from(content)] } }
}
