import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { parse } from 'yaml'

/** One HTTP exchange with a cluster: the body as sent, the answer as it came. */
export interface Ask {
  method?: string
  headers?: Record<string, string>
  /** Objects are sent as JSON. */
  body?: string | Buffer | object
}

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

interface KubeconfigFile {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[]
}

/** Raw requests over TLS with a kubeconfig's credentials, for what no client library would send. Dispose to close its connections. */
export function createApi(kubeconfig: string) {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as KubeconfigFile
  const [cluster, user] = [clusters[0]?.cluster, users[0]?.user]
  if (!cluster || !user) throw new Error(`${kubeconfig} has no cluster or no user`)
  const decoded = (base64: string) => Buffer.from(base64, 'base64')
  const agent = new Agent({
    keepAlive: true,
    ca: decoded(cluster['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  })

  /** Resolves with the head of the answer; its body is still to be read. */
  async function open(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<IncomingMessage> {
    const raw = typeof body === 'string' || Buffer.isBuffer(body)
    const bytes = Buffer.from(body === undefined ? '' : raw ? body : JSON.stringify(body))
    // Node announces no length of its own for the body of a DELETE.
    const length = body === undefined ? {} : { 'content-length': String(bytes.length) }
    const sent = request(`${cluster?.server}${path}`, { agent, method, headers: { ...length, ...headers } })
    sent.end(bytes)
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    sent.on('error', () => response.destroy())
    return response
  }

  return {
    open,
    async ask(path: string, how?: Ask): Promise<Answer> {
      const response = await open(path, how)
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() }
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

export type Api = ReturnType<typeof createApi>
