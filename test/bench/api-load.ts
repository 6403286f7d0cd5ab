import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { parse } from 'yaml'

/** A load on an API server from this process: HTTP/2 over TLS with the client certificate of a kubeconfig. */
export interface Load extends Disposable {
  /** Sends one request and reads the whole answer; rejects unless it is 2xx. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Buffer>
  /** Opens a watch; `line` gets the arrival of each event. Resolves when the server has answered. */
  watch(path: string, line: () => void): Promise<void>
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[]
}

/** As many streams as the server allows on one connection, with room for all watches. */
const streamsPerSession = 90

export function createLoad(kubeconfig: string, connections: number): Load {
  const { clusters, users } = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const [cluster, user] = [clusters[0]?.cluster, users[0]?.user]
  if (!cluster || !user) throw new Error(`no cluster or user in ${kubeconfig}`)
  const decoded = (data: string) => Buffer.from(data, 'base64')
  const open = () =>
    connect(cluster.server, {
      ca: decoded(cluster['certificate-authority-data']),
      cert: decoded(user['client-certificate-data']),
      key: decoded(user['client-key-data']),
    })
  const sessions = Array.from({ length: connections }, open)
  const watching: ClientHttp2Session[] = []
  let next = 0
  let watches = 0

  const pick = (): ClientHttp2Session => {
    const session = sessions[next++ % sessions.length]
    if (!session) throw new Error('no connection')
    return session
  }
  return {
    async send(method, path, body, headers) {
      const stream = pick().request(
        {
          ':method': method,
          ':path': path,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        { endStream: body === undefined },
      )
      stream.end(body === undefined ? undefined : JSON.stringify(body))
      const [status, chunks] = await Promise.all([statusOf(stream), stream.toArray() as Promise<Buffer[]>])
      const answer = Buffer.concat(chunks)
      if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${answer.toString()}`)
      return answer
    },
    async watch(path, line) {
      if (watches++ % streamsPerSession === 0) watching.push(open())
      const stream = watching.at(-1)?.request({ ':method': 'GET', ':path': path, accept: 'application/json' })
      if (!stream) throw new Error('no connection')
      stream.on('data', (chunk: Buffer) => {
        for (const byte of chunk) if (byte === 0x0a) line()
      })
      const status = await statusOf(stream)
      if (status !== 200) throw new Error(`watch ${path}: ${status}`)
    },
    [Symbol.dispose]() {
      for (const session of [...sessions, ...watching]) session.destroy()
    },
  }
}

async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = (await once(stream, 'response')) as [Record<string, number>]
  return headers[':status'] ?? 0
}

/** Runs `work` for 0 … count-1 with so many at a time; resolves with the milliseconds each took. */
export async function spread(
  count: number,
  clients: number,
  work: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const took: number[] = []
  let next = 0
  const client = async () => {
    while (next < count) {
      const index = next++
      const start = performance.now()
      await work(index)
      took.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  return took
}
