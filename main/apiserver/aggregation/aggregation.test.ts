import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { APIService } from '../../../shared/api/apiregistration.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { builtInResources } from '../../resources/resources.ts'
import { ask, startListening } from '../testing/ask.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'
import { issueAuthority, issueCertificate, type KeyPair } from '../tls/issue.ts'
import { registerLocalApis } from './register-local.ts'

const path = '/apis/apiregistration.k8s.io/v1/apiservices'
const group = 'wardle.example.com'
const servers = new Set<Server>()
let ca: KeyPair
let serving: KeyPair
beforeAll(async () => {
  const now = Date.now()
  ca = await issueAuthority('extension', now)
  serving = await issueCertificate({
    subject: { commonName: 'x' },
    usage: 'server',
    names: ['wardle.default.svc'],
    ca,
    now,
  })
})
afterEach(() => {
  for (const server of servers) server.close().closeAllConnections()
  servers.clear()
})

/** Resolves with the APIService when its condition has the reason. */
async function reason(s: TestServer, expected: string): Promise<APIService> {
  const name = `v1.${group}`
  for await (const { object } of s.admin.watch<APIService>({
    method: 'GET',
    path,
    query: { watch: 'true', fieldSelector: `metadata.name=${name}` },
  })) {
    if ('status' in object && typeof object.status === 'object' && object.status.conditions?.[0]?.reason === expected)
      return object
  }
  throw new Error('the watch ended')
}

const service = (port = 443) => ({ metadata: { name: 'wardle' }, spec: { ports: [{ port }] } })
const slice = (ready: boolean) => ({
  metadata: { name: 'wardle-1', labels: { 'kubernetes.io/service-name': 'wardle' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.244.1.7'], conditions: { ready } }],
  ports: [{ name: '', port: 8443, protocol: 'TCP' }],
})
const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
const apiService = () => ({
  metadata: { name: `v1.${group}` },
  spec: {
    group,
    version: 'v1',
    groupPriorityMinimum: 2000,
    versionPriority: 200,
    caBundle: Buffer.from(ca.certificate).toString('base64'),
    service: { namespace: 'default', name: 'wardle' },
  },
})

const resources = {
  kind: 'APIResourceList',
  groupVersion: `${group}/v1`,
  resources: [
    {
      name: 'flunders',
      singularName: 'flunder',
      namespaced: true,
      kind: 'Flunder',
      verbs: ['get', 'list'],
      shortNames: ['fl'],
    },
    { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
  ],
}

/** An extension API server that takes users from the front proxy, and the cluster that it belongs to. */
async function extension(listener: RequestListener) {
  let port = 0
  const s = await startListening({
    dial: async () => {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      return socket
    },
  })
  const server = createServer(
    { cert: serving.certificate, key: serving.key, ca: s.authorities.frontProxy.ca, requestCert: true },
    listener,
  )
  servers.add(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
  return s
}

test('an API is available as soon as its Service, its endpoints and its server are there, and says what is missing until then', async () => {
  let works = false
  await using s = await extension((message, response) => {
    if (!works) response.writeHead(500)
    response.end(message.url === `/apis/${group}/v1` ? JSON.stringify(resources) : '{}')
  })
  await s.send('POST', path, apiService())
  await reason(s, 'ServiceNotFound')
  expect((await ask(s, `/apis/${group}/v1/flunders`)).status).toBe(503)
  const stale = { items: [{ metadata: { name: group }, versions: [{ version: 'v1', freshness: 'Stale' }] }] }
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const discovery = async () => {
    const { items } = JSON.parse((await ask(s, '/apis', { headers: { accept } })).body) as {
      items: { metadata: { name: string } }[]
    }
    return { items: items.filter(({ metadata }) => metadata.name === group) }
  }
  expect(await discovery()).toMatchObject(stale)
  await s.send('POST', '/api/v1/namespaces/default/services', service(80))
  await reason(s, 'ServicePortError')
  await s.send('PATCH', '/api/v1/namespaces/default/services/wardle', { spec: service().spec }, merge)
  await reason(s, 'EndpointsNotFound')
  await s.send('POST', slices, slice(false))
  await reason(s, 'MissingEndpoints')
  await s.send('PATCH', `${slices}/wardle-1`, { endpoints: slice(true).endpoints }, merge)
  await reason(s, 'FailedDiscoveryCheck')
  works = true
  await reason(s, 'Passed')
  expect(await discovery()).toMatchObject({
    items: [
      {
        versions: [
          {
            freshness: 'Current',
            resources: [
              {
                resource: 'flunders',
                responseKind: { group, version: 'v1', kind: 'Flunder' },
                scope: 'Namespaced',
                subresources: [{ subresource: 'status' }],
              },
            ],
          },
        ],
      },
    ],
  })
  expect(JSON.parse((await ask(s, `/apis/${group}`)).body)).toMatchObject({ preferredVersion: { version: 'v1' } })
  expect(JSON.parse((await ask(s, `/apis/${group}/v1`)).body)).toEqual(resources)
  await s.send('DELETE', `${path}/v1.${group}`)
  expect((await ask(s, `/apis/${group}/v1/flunders`)).status).toBe(404)
  expect(await discovery()).toEqual({ items: [] })
})

const merge = { headers: { 'content-type': 'application/merge-patch+json' } }

test('requests are passed on for the user, over a connection that says who passes them on', async () => {
  await using s = await extension((message, response) => {
    const { method, url, headers, socket } = message
    if (url === `/apis/${group}/v1`) response.end(JSON.stringify(resources))
    else
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ method, url, headers, proxied: 'authorized' in socket && socket.authorized }))
  })
  await s.send('POST', '/api/v1/namespaces/default/services', service())
  await s.send('POST', slices, slice(true))
  await s.send('POST', path, apiService())
  await reason(s, 'Passed')
  const url = `/apis/${group}/v1/namespaces/default/flunders/x?fieldSelector=a%3Db`
  const { body } = await ask(s, url, { method: 'DELETE', headers: { 'x-remote-user': 'root' } })
  expect(JSON.parse(body)).toMatchObject({
    method: 'DELETE',
    url,
    proxied: true,
    headers: { 'x-remote-user': 'kubernetes-admin', 'x-remote-group': 'system:masters, system:authenticated' },
  })
  // Components in this process are served the same.
  expect(await s.send('GET', `/apis/${group}/v1/flunders`)).toMatchObject({ headers: { 'x-remote-user': 'admin' } })
})

test('what this server answers itself is registered, too', async () => {
  await using s = await startServer()
  using _ = await registerLocalApis({ store: s.store, resources: builtInResources, transport: s.admin, log: silent })
  expect(await s.send('GET', `${path}/v1.apps`)).toMatchObject({
    spec: { group: 'apps', version: 'v1', groupPriorityMinimum: 17800, versionPriority: 15 },
    status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] },
  })
  expect(await s.refused('POST', path, { ...apiService(), metadata: { name: 'x' } })).toMatchObject({
    code: 422,
    message: `APIService.apiregistration.k8s.io "x" is invalid: metadata.name: Invalid value: "x": must be \`spec.version+"."+spec.group\`: "v1.${group}"`,
  })
})
