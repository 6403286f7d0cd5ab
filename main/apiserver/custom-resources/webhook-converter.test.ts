import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import type { CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import type { KubeObject } from '../../../shared/api/object.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'
import { issueAuthority, issueCertificate } from '../tls/issue.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const [first, second] = ['/apis/shop.test/v1/widgets', '/apis/shop.test/v2/widgets']

type Widget = KubeObject & { hostPort?: string; host?: string; port?: string }

/** v1 has `hostPort`, v2 has `host` and `port`. */
function convert({ hostPort, host, port, ...rest }: Widget, apiVersion: string): Widget {
  const [ownHost = '', ownPort = ''] = hostPort?.split(':') ?? [host, port]
  const own = apiVersion.endsWith('v2') ? { host: ownHost, port: ownPort } : { hostPort: `${ownHost}:${ownPort}` }
  return { ...rest, ...own, apiVersion }
}

interface Hook extends AsyncDisposable {
  clientConfig: object
  /** How many objects each review had. */
  asked: number[]
}

async function conversionWebhook(): Promise<Hook> {
  const now = Date.now()
  const ca = await issueAuthority('conversion', now)
  const subject = { commonName: 'hook' }
  const { certificate, key } = await issueCertificate({ subject, usage: 'server', names: ['127.0.0.1'], ca, now })
  const asked: number[] = []
  const server = createServer({ cert: certificate, key }, (message, response) => {
    void (async () => {
      const { request } = (await json(message)) as {
        request: { uid: string; desiredAPIVersion: string; objects: Widget[] }
      }
      asked.push(request.objects.length)
      const convertedObjects = request.objects.map(object => convert(object, request.desiredAPIVersion))
      const answer = { uid: request.uid, result: { status: 'Success' }, convertedObjects }
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify({ kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1', response: answer }),
      )
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    asked,
    clientConfig: {
      url: `https://127.0.0.1:${port}/convert`,
      caBundle: Buffer.from(ca.certificate).toString('base64'),
    },
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

async function define(s: TestServer, clientConfig: object): Promise<void> {
  const version = (name: string) => ({
    name,
    served: true,
    storage: name === 'v1',
    schema: { openAPIV3Schema: { type: 'object', description: name, 'x-kubernetes-preserve-unknown-fields': true } },
  })
  const conversion = { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions: ['v1'] } }
  const names = { plural: 'widgets', kind: 'Widget' }
  const spec = { group: 'shop.test', scope: 'Cluster', names, versions: [version('v1'), version('v2')], conversion }
  const end = new AbortController()
  const watch = { method: 'GET', path: definitions, query: { watch: '1' }, signal: end.signal } as const
  const events = s.admin.watch<CustomResourceDefinition>(watch)
  await s.send('POST', definitions, { metadata: { name: 'widgets.shop.test' }, spec })
  for await (const { type, object } of events) {
    if (type === 'ERROR' || object.status?.conditions?.some(({ type: name }) => name === 'Established')) break
  }
  end.abort()
}

test('a webhook converts what is read and written in another version, and a list in one go', async () => {
  await using hook = await conversionWebhook()
  await using s = await startServer()
  await define(s, hook.clientConfig)
  for (const name of ['a', 'b'])
    await s.send('POST', first, { kind: 'Widget', metadata: { name }, hostPort: `h:${name}` })
  expect(hook.asked).toEqual([])
  expect(await s.send('GET', `${second}/a`)).toMatchObject({ apiVersion: 'shop.test/v2', host: 'h', port: 'a' })
  hook.asked.length = 0
  expect(await s.send('GET', second)).toMatchObject({ items: [{ port: 'a' }, { port: 'b' }] })
  expect(hook.asked).toEqual([2])
  const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
  await s.send('PATCH', `${second}/a`, { port: '9' }, merge)
  expect(await s.send('GET', `${first}/a`)).toMatchObject({ apiVersion: 'shop.test/v1', hostPort: 'h:9' })
})

test('what a webhook that is gone would convert is refused with the reason, and the stored version is served', async () => {
  const hook = await conversionWebhook()
  await using s = await startServer()
  await define(s, hook.clientConfig)
  await s.send('POST', first, { kind: 'Widget', metadata: { name: 'a' }, hostPort: 'h:1' })
  await hook[Symbol.asyncDispose]()
  const failed = await s.refused('GET', second)
  expect(failed.code).toBe(500)
  expect(failed.message).toMatch(/conversion webhook for shop\.test\/v1, Kind=Widget failed: Post .*connection refused/)
  expect(await s.send('GET', `${first}/a`)).toMatchObject({ hostPort: 'h:1' })
})
