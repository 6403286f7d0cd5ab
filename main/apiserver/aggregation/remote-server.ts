import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { APIService } from '../../../shared/api/apiregistration.ts'
import { failure } from '../../../shared/machinery/status.ts'
import type { Store } from '../../store/store.ts'
import type { EgressClient, Trust } from '../egress/client.ts'
import { hostPort, type Address } from '../egress/dial.ts'
import { resolveService } from '../egress/resolve-service.ts'
import { proxyRequest } from '../proxy/proxy-request.ts'
import type { ServerRequest, ServerResponse, UserInfo } from '../request.ts'
import type { KeyPair } from '../tls/issue.ts'

interface Options {
  store: Store
  client: EgressClient
  /** Shows the other server that this one may speak for its users. */
  identity: KeyPair
  random: () => number
}

/** Extension API servers, as this one speaks to them: at their Service, for a user. */
export interface RemoteServers {
  /** Passes a request on. Rejects with a 503 if nobody answers. */
  proxy(api: APIService, request: ServerRequest, user: UserInfo): Promise<ServerResponse>
  /** GETs a path for the server itself. Rejects with an Error or StatusError. */
  get(api: APIService, path: string, signal: AbortSignal): Promise<{ status: number; body: string; url: string }>
}

/** Who asks when it is the server itself (kube-aggregator). */
const aggregator: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] }

export function createRemoteServers({ store, client, identity, random }: Options): RemoteServers {
  const target = async ({ spec }: APIService): Promise<{ to: Address; trust: Trust }> => {
    const { service, caBundle, insecureSkipTLSVerify = false } = spec
    const { namespace = '', name = '', port = 443 } = service ?? {}
    const to = await resolveService({ store, random }, { namespace, name, port })
    const trust: Trust = {
      servername: `${name}.${namespace}.svc`,
      ...(caBundle && { ca: Buffer.from(caBundle, 'base64').toString() }),
      cert: identity.certificate,
      key: identity.key,
      rejectUnauthorized: !insecureSkipTLSVerify,
    }
    return { to, trust }
  }
  return {
    async proxy(api, request, user) {
      const { to, trust } = await target(api)
      const headers = { ...userHeaders(user), host: hostPort(to) }
      return proxyRequest(client, request, { to, trust, path: request.path, headers })
    },
    async get(api, path, signal) {
      const { to, trust } = await target(api)
      const url = `https://${hostPort(to)}${path}`
      const headers = { ...userHeaders(aggregator), host: hostPort(to), accept: 'application/json' }
      const { response } = await client.send({ to, trust, method: 'GET', path, headers, signal })
      return { status: response.statusCode ?? 0, body: await bounded(response), url }
    },
  }
}

/** X-Remote-* (client-go/transport SetAuthProxyHeaders). */
function userHeaders({ name, uid, groups, extra = {} }: UserInfo): Record<string, string | string[]> {
  const extras = Object.entries(extra).map(([key, values]): [string, string[]] => [
    `x-remote-extra-${encodeURIComponent(key).toLowerCase()}`,
    [...values],
  ])
  return {
    'x-remote-user': name,
    ...(uid && { 'x-remote-uid': uid }),
    'x-remote-group': [...groups],
    ...Object.fromEntries(extras),
  }
}

const limit = 32 * 2 ** 20

async function bounded(response: IncomingMessage): Promise<string> {
  let size = 0
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > limit) response.destroy(new Error(`the answer is larger than ${limit} bytes`))
  })
  return text(response)
}

/** What a client gets while the server of an API is not there. */
export function unavailable(): ServerResponse {
  const { status } = failure({ code: 503, reason: 'ServiceUnavailable', message: 'service unavailable' })
  const body = { value: () => status, chunks: () => [Buffer.from('service unavailable\n')] }
  return { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}
