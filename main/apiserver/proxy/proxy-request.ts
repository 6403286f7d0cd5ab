import type { Readable } from 'node:stream'
import { failure, serviceUnavailable, StatusError } from '../../../shared/machinery/status.ts'
import { bodyLimit } from '../codec/body.ts'
import { hostPort, type Address } from '../egress/dial.ts'
import type { EgressClient, Incoming, Trust } from '../egress/client.ts'
import type { Headers, ServerRequest, ServerResponse } from '../request.ts'
import { answerHeaders, requestHeaders } from './forwarded-headers.ts'
import { join } from './join.ts'
import { rewritten } from './rewrite-body.ts'
import { rewriteUrl, type Place } from './rewrite-links.ts'

/** Where a request goes. */
export interface Location {
  to: Address
  trust?: Trust | undefined
  /** Below the other side's root, escaped; begins with `/`. */
  path: string
  /** Set where the client sees the other side under a path: its links are rewritten, and it is told of the path. */
  prefix?: string
  /** Beside the client's own, or in their place. */
  headers?: Readonly<Record<string, string | string[]>>
}

/**
 * Passes a request on as it is, whatever its method, and the answer back: bodies as they come, WebSockets and other
 * upgrades, redirects unfollowed (apimachinery/pkg/util/proxy). Rejects with 503 when the other side does not answer.
 */
export async function proxyRequest(
  client: EgressClient,
  request: ServerRequest,
  location: Location,
): Promise<ServerResponse> {
  const { to, trust, path, prefix, headers: extra } = location
  const { method, upgrade, signal } = request
  const headers = { ...requestHeaders(request.headers, { upgrade }), ...forwarded(request, location), ...extra }
  headers.host ??= hostPort(to)
  const search = request.search ?? request.query.toString()
  const outgoing = { to, trust, method, path: search === '' ? path : `${path}?${search}`, headers, signal }
  let answer: Incoming
  try {
    answer = await client.send({ ...outgoing, body: await bodyOf(request) })
  } catch (error) {
    throw unreachable(error, upgrade)
  }
  const { response, connection } = answer
  if (connection) {
    const upgraded = {
      ...answerHeaders(response.headers),
      connection: 'Upgrade',
      upgrade: response.headers.upgrade ?? '',
    }
    return { status: 101, headers: upgraded, tunnel: own => join(own, connection) }
  }
  const status = response.statusCode ?? 502
  if (upgrade && status < 400) {
    response.destroy()
    throw failure({ code: 500, reason: '', message: `invalid upgrade response: status code ${status}` })
  }
  const passed = answerHeaders(response.headers)
  const cookies = response.headers['set-cookie']
  const base = { status, headers: passed, ...(cookies && { cookies }) }
  if (prefix === undefined) return { ...base, stream: response }
  withoutCors(passed)
  const place: Place = { host: hostPort(to), requestHost: headers.host, prefix }
  if (passed.location !== undefined) passed.location = rewriteUrl(passed.location, place)
  else if (isHtml(passed))
    return { ...base, stream: await rewritten(response, passed, link => rewriteUrl(link, place)) }
  return { ...base, stream: response }
}

/** What the other side allows to other origins is not for it to say under the API server's own. */
function withoutCors(headers: Headers): void {
  delete headers['access-control-allow-credentials']
  delete headers['access-control-allow-headers']
  delete headers['access-control-allow-methods']
  delete headers['access-control-allow-origin']
}

const isHtml = (headers: Headers) => headers['content-type']?.split(';', 1)[0]?.trim() === 'text/html'

/** Who asks and under which path: only the latter where the path is not the client's. */
function forwarded(request: ServerRequest, { path, prefix }: Location): Record<string, string> {
  const before = request.headers['x-forwarded-for']
  const chain = [before ?? [], request.remoteAddress ?? []].flat().join(', ')
  return {
    ...(chain !== '' && { 'x-forwarded-for': chain }),
    ...(prefix !== undefined && { 'x-forwarded-uri': prefix + path }),
  }
}

/** A body that announces itself; a GET without one must not seem to have any. */
async function bodyOf({ body, method, headers }: ServerRequest): Promise<Readable | Buffer | undefined> {
  if ('value' in body) return body.value === undefined ? undefined : Buffer.from(JSON.stringify(body.value))
  const announced = (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined
  if (!announced && !['POST', 'PUT', 'PATCH'].includes(method)) return undefined
  return body.stream ?? (await body.read(bodyLimit))
}

function unreachable(error: unknown, upgrade: boolean): StatusError {
  if (error instanceof StatusError) return error
  const why = error instanceof Error ? error.message : String(error)
  if (upgrade) return failure({ code: 500, reason: '', message: `error dialing backend: ${why}` })
  return serviceUnavailable(`error trying to reach service: ${why}`)
}
