import { Agent, request, type RequestOptions } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { KubeObject, Status, WatchEvent } from '../../../shared/api/object.ts'
import type { ApiRequest, ApiTransport } from '../../../shared/client/client.ts'
import { internalError, StatusError } from '../../../shared/machinery/status.ts'

/** Where an API server is and who one is there; certificates and key are PEM. */
export interface Credentials {
  /** `https://127.0.0.1:6443` */
  server: string
  ca: Buffer
  cert: Buffer
  key: Buffer
}

/** The way to an API server over TLS. Dispose to close its connections. */
export function createHttpsTransport({ server, ...tls }: Credentials): ApiTransport & Disposable {
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 8 })

  /** The answer's head; an answer that is no success is thrown as its Status says. */
  async function open({ method, path, query = {}, headers = {}, body, signal }: ApiRequest): Promise<IncomingMessage> {
    const url = new URL(path, server)
    for (const [name, value] of Object.entries(query))
      for (const one of [value].flat()) url.searchParams.append(name, one)
    const bytes = body === undefined ? '' : JSON.stringify(body)
    const sent = {
      accept: 'application/json',
      'content-type': 'application/json',
      ...headers,
      'content-length': Buffer.byteLength(bytes),
    }
    const options: RequestOptions = { method, agent, headers: sent, ...(signal && { signal }) }
    const asked = request(url, options)
    asked.end(bytes)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    if ((answer.statusCode ?? 500) < 400) return answer
    throw asStatusError(await textOf(answer))
  }

  return {
    async request<T>(asked: ApiRequest) {
      return JSON.parse(await textOf(await open(asked))) as T
    },
    async *watch<T extends KubeObject>(asked: ApiRequest) {
      try {
        const lines = createInterface({ input: await open(asked) })
        for await (const line of lines) yield JSON.parse(line) as WatchEvent<T>
      } catch (error) {
        if (!asked.signal?.aborted) throw error
      }
    },
    async *bytes(asked) {
      for await (const chunk of await open(asked)) yield chunk as Uint8Array
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function asStatusError(text: string): StatusError {
  try {
    return new StatusError(JSON.parse(text) as Status)
  } catch {
    return internalError(text)
  }
}
