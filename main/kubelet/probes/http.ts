import * as http from 'node:http'
import type { Duplex } from 'node:stream'
import * as tls from 'node:tls'
import type { Container } from '../../../shared/api/core.ts'
import type { Dial } from './dial.ts'
import { portOf } from './port.ts'
import type { ProbeResult } from './probe-result.ts'

type HttpHeaders = readonly { name: string; value: string }[]

export interface HttpAction {
  host?: string
  httpHeaders?: HttpHeaders
  path?: string
  port: number | string
  scheme?: string
}

export interface Around {
  container: Container
  ip: string
  dial: Dial
  signal: AbortSignal
  /** What the request is for, as its User-Agent tells. */
  purpose: 'probe' | 'lifecycle'
  /** Whether redirects to other hosts are followed, too. */
  roams?: boolean
}

export interface HttpAnswer {
  status: number
  location?: string
  body: string
  url: string
}

/** Upstream reads this much of a body (pkg/probe/http, maxRespBodyLength) and follows up to ten redirects. */
const maxBody = 10 * 1024
const maxRedirects = 10

/** An HTTP probe (pkg/probe/http): 200 to 399 is success; a redirect to another host is one with a warning. */
export async function httpProbe(action: HttpAction, around: Around): Promise<ProbeResult> {
  let url: string
  try {
    url = urlOf(action, around)
  } catch (e) {
    return { outcome: 'unknown', output: e instanceof Error ? e.message : String(e) }
  }
  try {
    const { status, body } = await httpGet(action, around)
    if (status >= 300 && status < 400)
      return { outcome: 'warning', output: `Probe terminated redirects, Response body: ${body}` }
    if (status >= 200 && status < 300) return { outcome: 'success', output: body }
    return { outcome: 'failure', output: `HTTP probe failed with statuscode: ${status}` }
  } catch (e) {
    const { signal, ip, container } = around
    const port = portOf(action.port, container)
    const why = signal.aborted
      ? 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
      : isSystemError(e) && !isPlainAnswer(e)
        ? `dial tcp ${action.host ?? ip}:${port}: ${dialError(e)}`
        : dialError(e)
    return { outcome: 'failure', output: `Get "${url}": ${why}` }
  }
}

/** GETs what the action names, following redirects. Rejects when there is no answer. */
export async function httpGet(action: HttpAction, around: Around): Promise<HttpAnswer> {
  let url = new URL(urlOf(action, around))
  let { httpHeaders = [] } = action
  for (let redirects = 0; ; redirects++) {
    const answer = await request(url, httpHeaders, around)
    if (answer.location === undefined || answer.status < 300 || answer.status >= 400) return answer
    const next = new URL(answer.location, url)
    if (next.hostname !== url.hostname && !around.roams) return answer
    if (!/^https?:$/.test(next.protocol)) throw new Error(`unsupported protocol scheme "${next.protocol.slice(0, -1)}"`)
    if (redirects === maxRedirects) throw new Error('stopped after 10 redirects')
    if (!isWithin(next.hostname, url.hostname)) httpHeaders = httpHeaders.filter(({ name }) => !isSecret(name))
    url = next
  }
}

/** What Go's client takes to no other host (net/http, shouldCopyHeaderOnRedirect). */
const isSecret = (name: string) => /^(authorization|www-authenticate|cookie2?)$/i.test(name)
const isWithin = (host: string, domain: string) => host === domain || host.endsWith(`.${domain}`)

function urlOf({ scheme, host, path, port }: HttpAction, { container, ip }: Around): string {
  const name = host ?? ip
  const address = name.includes(':') ? `[${name}]` : name
  const absolute = path?.startsWith('/') ? path : `/${path ?? ''}`
  return `${(scheme ?? 'HTTP').toLowerCase()}://${address}:${portOf(port, container)}${absolute}`
}

async function request(url: URL, httpHeaders: HttpHeaders, { dial, signal, purpose }: Around): Promise<HttpAnswer> {
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (secure ? 443 : 80)
  const stream = await dial(host, port, signal)
  // A probe asks whether the container answers, not whether its certificate is good.
  const socket: Duplex = secure ? tls.connect({ socket: stream, rejectUnauthorized: false }) : stream
  const own: Record<string, string[]> = {}
  for (const { name, value } of httpHeaders) (own[name.toLowerCase()] ??= []).push(value)
  const headers = { 'user-agent': `kube-${purpose}/1.36`, accept: ['*/*'], connection: 'close', ...own }
  // Whoever names an empty one wants none.
  const { accept, ...withoutAccept } = headers
  try {
    return await new Promise<HttpAnswer>((resolve, reject) => {
      const client = http.request({
        host,
        port,
        path: `${url.pathname}${url.search}`,
        headers: accept[0] === '' ? withoutAccept : headers,
        createConnection: () => socket,
        signal,
      })
      client.on('error', reject)
      client.on('response', response => {
        const status = response.statusCode ?? 0
        const location = response.headers.location
        const chunks: Buffer[] = []
        let size = 0
        const done = () =>
          resolve({
            status,
            body: Buffer.concat(chunks).toString('utf8'),
            url: url.href,
            ...(location !== undefined && { location }),
          })
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk.subarray(0, maxBody - size))
          size += chunk.length
          if (size >= maxBody) done()
        })
        response.on('end', done)
        response.on('error', reject)
      })
      client.end()
    })
  } finally {
    socket.destroy()
    stream.destroy()
  }
}

const isSystemError = (e: unknown): e is NodeJS.ErrnoException =>
  e instanceof Error && 'code' in e && /^E[A-Z]+$/.test(String(e.code))

const texts: Record<string, string> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  ECONNRESET: 'read: connection reset by peer',
}

/** What TLS makes of a server that answers without it. */
const plainAnswers = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO']

/** Whether a server was asked by HTTPS and speaks HTTP. */
export const isPlainAnswer = (e: unknown): boolean =>
  e instanceof Error && 'code' in e && plainAnswers.includes(String(e.code))

/** A connection's failure in the words of Go's net package, which users of probes know. */
export function dialError(e: unknown): string {
  if (isPlainAnswer(e)) return 'http: server gave HTTP response to HTTPS client'
  const known = isSystemError(e) ? texts[e.code ?? ''] : undefined
  return known ?? (e instanceof Error ? e.message : String(e))
}
