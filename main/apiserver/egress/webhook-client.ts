import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Clock } from '../../../shared/machinery/clock.ts'
import type { Store } from '../../store/store.ts'
import type { EgressClient } from './client.ts'
import type { Address } from './dial.ts'
import { resolveService } from './resolve-service.ts'
import { serverErrorText } from './server-error.ts'
import { parseJson } from '../../../shared/machinery/exact-json.ts'

/** How to reach a webhook: at a URL or at a Service, either with its certificate's authorities (base64 of PEM). */
interface WebhookClientConfig {
  url?: string
  service?: { namespace: string; name: string; path?: string; port?: number }
  caBundle?: string
}

export interface WebhookClient {
  /**
   * Posts a review and gives the JSON that comes back; `timeout` is in seconds. Rejects with an Error in the words of Go's
   * client: `Post "https://web.default.svc:443/check?timeout=10s": dial tcp ...: connect: connection refused`.
   */
  post(config: WebhookClientConfig, review: unknown, timeout: number): Promise<unknown>
}

interface Options {
  store: Store
  random: () => number
  clock: Clock
  /** To pods. */
  inside: EgressClient
  /** To everything else, as this machine reaches it. */
  outside: EgressClient
}

interface Endpoint {
  client: EgressClient
  /** Of the certificate; '' where the address is all there is. */
  servername: string
  /** `web.default.svc:443` */
  host: string
  path: string
  resolve: () => Promise<Address>
}

/** A review's answer holds a patch of one object at most, or as many objects as a list page. */
const maxAnswer = 64 * 2 ** 20

/** Calls the webhooks of admission and conversion (apiserver/pkg/util/webhook/client.go); connections are kept. */
export function createWebhookClient(options: Options): WebhookClient {
  return {
    async post(config, review, timeout) {
      const { client, servername, host, path, resolve } = endpointOf(config, options)
      const query = `${path}?timeout=${timeout}s`
      const failed = (why: string, cause?: unknown) => new Error(`Post "https://${host}${query}": ${why}`, { cause })
      const stop = new AbortController()
      using _timer = options.clock.setTimeout(() => stop.abort(), timeout * 1000)
      const body = Buffer.from(JSON.stringify(review))
      const ca = config.caBundle ? Buffer.from(config.caBundle, 'base64').toString() : undefined
      let answer: { status: number; text: string }
      try {
        const { response } = await client.send({
          to: await resolve(),
          trust: { servername, ...(ca !== undefined && { ca }), rejectUnauthorized: true },
          method: 'POST',
          path: query,
          headers: {
            host,
            accept: 'application/json, */*',
            'content-type': 'application/json',
            'content-length': body.length,
          },
          body,
          signal: stop.signal,
        })
        answer = { status: response.statusCode ?? 0, text: await textOf(response) }
      } catch (error) {
        if (stop.signal.aborted) throw failed('context deadline exceeded', error)
        throw failed(error instanceof Error ? error.message : String(error), error)
      }
      if (answer.status < 200 || answer.status > 206) throw new Error(serverErrorText(answer.status, answer.text))
      return parsed(answer.text)
    },
  }
}

function endpointOf({ url = '', service }: WebhookClientConfig, { store, random, inside, outside }: Options): Endpoint {
  if (service) {
    const { namespace, name, path = '', port = 443 } = service
    const servername = `${name}.${namespace}.svc`
    return {
      client: inside,
      servername,
      host: `${servername}:${port}`,
      path: path.startsWith('/') ? path : `/${path}`,
      resolve: () => resolveService({ store, random }, { namespace, name, port }),
    }
  }
  const { hostname, port, pathname, host } = new URL(url)
  const name = hostname.replace(/^\[|\]$/g, '')
  return {
    client: outside,
    servername: isIP(name) === 0 ? name : '',
    host,
    path: pathname,
    resolve: () => Promise.resolve({ host: name, port: port === '' ? 443 : Number(port) }),
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxAnswer) throw new Error(`the answer is larger than ${maxAnswer} bytes`)
  }
  return Buffer.concat(chunks).toString()
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`couldn't get version/kind; json parse error: ${why}`, { cause: error })
  }
}
