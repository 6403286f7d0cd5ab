import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { startServer, type TestServer } from './start-server.ts'

interface Ask {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

/** A server that listens, for tests that need a connection; see startServer. */
export async function startListening(options: Parameters<typeof startServer>[0] = {}) {
  const s = await startServer(options)
  const { port } = await s.server.listen({ host: '127.0.0.1', port: 0 })
  return Object.assign(s, { port })
}

/** The administrator's TLS settings. */
export function adminTls({ authorities: { ca, admin } }: TestServer) {
  return { ca: ca.certificate, cert: admin.certificate, key: admin.key }
}

/** A request as an administrator over HTTP/1.1, on a connection of its own. */
export async function ask(
  s: TestServer & { port: number },
  path: string,
  { body, ...given }: Ask = {},
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port: s.port, path, agent: false, ...adminTls(s), ...given })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body: text }
}
