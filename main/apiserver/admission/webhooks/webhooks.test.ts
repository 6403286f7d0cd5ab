import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { KubeObject } from '../../../../shared/api/object.ts'
import { startServer, type TestServer } from '../../testing/start-server.ts'
import { issueAuthority, issueCertificate, type KeyPair } from '../../tls/issue.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const servers = new Set<Server>()
let ca: KeyPair
let serving: KeyPair
beforeAll(async () => {
  const now = Date.now()
  ca = await issueAuthority('webhooks', now)
  const names = ['127.0.0.1', 'hook.default.svc']
  serving = await issueCertificate({ subject: { commonName: 'hook' }, usage: 'server', names, ca, now })
})
afterEach(() => {
  for (const server of servers) server.close().closeAllConnections()
  servers.clear()
})

interface Request {
  uid: string
  operation: string
  name: string
  namespace: string
  kind: object
  requestKind: object
  subResource?: string
  object: (KubeObject & { data?: Record<string, string> }) | null
  oldObject: KubeObject | null
  dryRun: boolean
  options: object | null
  userInfo: { username: string }
}

interface Reply {
  allowed?: boolean
  status?: object
  patch?: readonly object[]
  warnings?: string[]
  uid?: string
}

/** A webhook that answers as `decide` says, by the path it is asked at. */
async function webhook(decide: (request: Request, path: string) => Reply | Promise<Reply>) {
  const asked: (Request & { path: string })[] = []
  const connections = { count: 0 }
  const server = createServer({ cert: serving.certificate, key: serving.key }, (message, response) => {
    void (async () => {
      const { request } = (await json(message)) as { request: Request }
      const path = message.url ?? ''
      asked.push({ ...request, path })
      const { patch, ...reply } = await decide(request, path)
      const patched = patch && { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }
      const answer = { uid: request.uid, allowed: true, ...patched, ...reply }
      const review = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: answer }
      response.setHeader('content-type', 'application/json').end(JSON.stringify(review))
    })()
  })
  server.on('secureConnection', () => connections.count++)
  servers.add(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const clientConfig = (path: string) => ({
    url: `https://127.0.0.1:${port}${path}`,
    caBundle: Buffer.from(ca.certificate).toString('base64'),
  })
  return { asked, connections, port, clientConfig }
}

const rule = (operations: string[], resources: string[], group = '') => ({
  operations,
  apiGroups: [group],
  apiVersions: ['*'],
  resources,
})

function hook(name: string, clientConfig: object, more: object = {}) {
  return {
    name: `${name}.example.com`,
    clientConfig,
    rules: [rule(['*'], ['configmaps'])],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...more,
  }
}

function configure(s: TestServer, kind: 'validating' | 'mutating', ...webhooks: object[]) {
  const path = `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations`
  return s.send('POST', path, { metadata: { generateName: 'c-' }, webhooks })
}

const configMap = (name: string, data: Record<string, string> = {}) => ({ metadata: { name }, data })

test('a webhook is told of a write and may refuse it, by its own status and code', async () => {
  const hooks = await webhook(({ object }) =>
    object?.data?.bad === undefined
      ? {}
      : { allowed: false, status: { message: 'bad data', code: Number(object.data.bad) } },
  )
  await using s = await startServer()
  await configure(s, 'validating', hook('check', hooks.clientConfig('/check')))
  await s.send('POST', maps, configMap('good', { a: 'b' }))
  expect(hooks.asked).toMatchObject([
    {
      path: '/check?timeout=10s',
      operation: 'CREATE',
      name: 'good',
      namespace: 'default',
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      object: { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'b' } },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      userInfo: { username: 'admin' },
    },
  ])
  const text = 'admission webhook "check.example.com" denied the request: bad data'
  expect(await s.refused('POST', maps, configMap('bad', { bad: '0' }))).toMatchObject({ code: 400, message: text })
  expect(await s.refused('PUT', `${maps}/good`, configMap('good', { bad: '403' }))).toMatchObject({
    code: 403,
    message: text,
  })
  await s.send('DELETE', `${maps}/good`, { propagationPolicy: 'Background' })
  expect(hooks.asked.at(-1)).toMatchObject({
    operation: 'DELETE',
    object: null,
    oldObject: { data: { a: 'b' } },
    options: { kind: 'DeleteOptions', propagationPolicy: 'Background' },
  })
  expect(hooks.connections.count).toBe(1)
})

test('mutating webhooks see what those before them made; defaults follow and unknown fields go', async () => {
  const hooks = await webhook(({ object }, path) => {
    if (path.startsWith('/pods'))
      return { patch: [{ op: 'add', path: '/spec/initContainers', value: [{ name: 'i', image: 'x', nonsense: 1 }] }] }
    const stage = object?.data?.one === undefined ? 'one' : 'two'
    return { patch: [{ op: 'add', path: `/data/${stage}`, value: 'yes' }] }
  })
  await using s = await startServer()
  const client = hooks.clientConfig('/')
  await configure(s, 'mutating', hook('one', client), hook('two', client))
  await configure(s, 'mutating', hook('pods', hooks.clientConfig('/pods'), { rules: [rule(['CREATE'], ['pods'])] }))
  expect(await s.send('POST', maps, configMap('a', { start: 'yes' }))).toMatchObject({
    data: { start: 'yes', one: 'yes', two: 'yes' },
  })
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const spec = { containers: [{ name: 'c', image: 'y' }] }
  const pod = await s.send<{ spec: { initContainers: object[] } }>('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'p' },
    spec,
  })
  expect(pod.spec.initContainers).toMatchObject([{ name: 'i', terminationMessagePath: '/dev/termination-log' }])
  expect(pod.spec.initContainers[0]).not.toHaveProperty('nonsense')
})

test('a webhook that wants it is asked again after a change behind it, and only then', async () => {
  const hooks = await webhook(({ object }, path) =>
    path.startsWith('/set') && object?.data?.set === undefined
      ? { patch: [{ op: 'add', path: '/data/set', value: 'yes' }] }
      : {},
  )
  await using s = await startServer()
  const reinvocationPolicy = 'IfNeeded'
  await configure(
    s,
    'mutating',
    hook('never', hooks.clientConfig('/never')),
    hook('again', hooks.clientConfig('/again'), { reinvocationPolicy }),
    hook('set', hooks.clientConfig('/set')),
    hook('last', hooks.clientConfig('/last'), { reinvocationPolicy }),
  )
  await s.send('POST', maps, configMap('a', { x: 'y' }))
  const paths = hooks.asked.map(({ path }) => path.replace(/\?.*/, ''))
  expect(paths).toEqual(['/never', '/again', '/set', '/last', '/again'])
})

test('a webhook that cannot be asked refuses or lets pass, as its policy says', async () => {
  const hooks = await webhook((_, path) =>
    path.startsWith('/wrong') ? { uid: 'other' } : new Promise(() => undefined),
  )
  await using s = await startServer()
  const gone = { url: 'https://127.0.0.1:1/x' }
  const open = await configure(s, 'validating', hook('open', gone, { failurePolicy: 'Ignore' }))
  expect(open).toBeDefined()
  await s.send('POST', maps, configMap('a'))
  const refusedBy = async (clientConfig: object, more: object = {}) => {
    const made = await configure(s, 'validating', hook('closed', clientConfig, more))
    const { metadata } = made as KubeObject
    const error = await s.refused('POST', maps, configMap('b'))
    await s.send('DELETE', `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${metadata.name}`)
    return [
      error.code,
      error.message.replace('Internal error occurred: failed calling webhook "closed.example.com": ', ''),
    ]
  }
  expect(await refusedBy(gone)).toEqual([
    500,
    'failed to call webhook: Post "https://127.0.0.1:1/x?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
  ])
  const { url } = hooks.clientConfig('/hangs')
  expect(await refusedBy({ url })).toEqual([
    500,
    `failed to call webhook: Post "${url}?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  ])
  expect(await refusedBy(hooks.clientConfig('/hangs'), { timeoutSeconds: 1 })).toEqual([
    500,
    `failed to call webhook: Post "${url}?timeout=1s": context deadline exceeded`,
  ])
  const [, wrong] = await refusedBy(hooks.clientConfig('/wrong'))
  expect(wrong).toMatch(/^received invalid webhook response: expected response.uid="[0-9a-f-]{36}", got "other"$/)
  const service = { namespace: 'default', name: 'none' }
  expect(await refusedBy({ service })).toEqual([
    500,
    'failed to call webhook: Post "https://none.default.svc:443/?timeout=10s": service "none" not found',
  ])
})

test('dry runs reach only webhooks without side effects', async () => {
  const hooks = await webhook(() => ({ warnings: ['mind this'] }))
  await using s = await startServer()
  const dryRun = { query: { dryRun: 'All' } }
  await configure(s, 'validating', hook('none', hooks.clientConfig('/')))
  await s.send('POST', maps, configMap('a'), dryRun)
  expect(hooks.asked).toMatchObject([{ dryRun: true, options: { dryRun: ['All'] } }])
})

test('webhooks are not asked about webhooks, and go out of force with their configuration', async () => {
  const hooks = await webhook(() => ({ allowed: false }))
  await using s = await startServer()
  const all = { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }] }
  const { metadata } = (await configure(s, 'validating', hook('all', hooks.clientConfig('/'), all))) as KubeObject
  expect(await s.refused('POST', maps, configMap('a'))).toMatchObject({
    message: 'admission webhook "all.example.com" denied the request without explanation',
  })
  await s.send('DELETE', `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${metadata.name}`)
  await s.send('POST', maps, configMap('a'))
})

test('connections to pods are asked about, too', async () => {
  const hooks = await webhook(({ operation }) => ({ allowed: operation !== 'CONNECT', status: { message: 'no' } }))
  await using s = await startServer()
  await configure(
    s,
    'validating',
    hook('proxy', hooks.clientConfig('/'), { rules: [rule(['CONNECT'], ['services/proxy'])] }),
  )
  expect((await s.refused('GET', '/api/v1/namespaces/default/services/kubernetes:443/proxy/x')).message).toContain(
    'denied',
  )
  expect(hooks.asked).toMatchObject([
    { name: 'kubernetes:443', subResource: 'proxy', kind: { kind: 'ServiceProxyOptions' }, object: { path: '/x' } },
  ])
})

test('a Service leads to a ready pod, which must show the name of the Service', async () => {
  const hooks = await webhook(() => ({ allowed: false, status: { reason: 'Because' } }))
  await using s = await startServer({
    dial: async host => {
      expect(host).toBe('10.244.1.9')
      const socket = connect(hooks.port, '127.0.0.1')
      await once(socket, 'connect')
      return socket
    },
  })
  const ports = [{ name: 'https', port: 443 }]
  await s.send('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'hook' }, spec: { ports } })
  await s.send('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    metadata: { name: 'hook-1', labels: { 'kubernetes.io/service-name': 'hook' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.244.1.9'], conditions: { ready: true } }],
    ports: [{ name: 'https', port: 8443, protocol: 'TCP' }],
  })
  const { caBundle } = hooks.clientConfig('/')
  await configure(
    s,
    'validating',
    hook('svc', { caBundle, service: { namespace: 'default', name: 'hook', path: '/check' } }),
  )
  expect((await s.refused('POST', maps, configMap('a'))).message).toBe(
    'admission webhook "svc.example.com" denied the request: Because',
  )
})

test('custom resources are sent in the version that a webhook has a rule for, and come back pruned', async () => {
  const hooks = await webhook(() => ({
    patch: [
      { op: 'add', path: '/data/two', value: 'yes' },
      { op: 'add', path: '/data/unknown', value: 'yes' },
    ],
  }))
  await using s = await startServer()
  const group = 'stable.example.com'
  const data = { type: 'object', properties: { one: { type: 'string' }, two: { type: 'string' } } }
  const openAPIV3Schema = { type: 'object', properties: { data } }
  const version = (name: string, storage: boolean) => ({ name, served: true, storage, schema: { openAPIV3Schema } })
  const names = { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' }
  const spec = { group, scope: 'Namespaced', names, versions: [version('v1', true), version('v2', false)] }
  const definition = { metadata: { name: `things.${group}` }, spec }
  await s.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
  await expect.poll(() => s.send('GET', `/apis/${group}/v1/things`)).toBeDefined()
  const rules = [{ ...rule(['CREATE'], ['things'], group), apiVersions: ['v2'] }]
  await configure(s, 'mutating', hook('exact', hooks.clientConfig('/exact'), { rules, matchPolicy: 'Exact' }))
  await configure(s, 'mutating', hook('any', hooks.clientConfig('/any'), { rules }))
  const thing = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'x' }, data: { one: 'yes' } }
  const made = await s.send('POST', `/apis/${group}/v1/namespaces/default/things`, thing)
  expect(made).toMatchObject({ apiVersion: `${group}/v1`, data: { one: 'yes', two: 'yes' } })
  expect(made).not.toHaveProperty('data.unknown')
  expect(hooks.asked).toMatchObject([
    {
      path: '/any?timeout=10s',
      kind: { group, version: 'v2', kind: 'Thing' },
      requestKind: { group, version: 'v1', kind: 'Thing' },
      object: { apiVersion: `${group}/v2` },
    },
  ])
})

test('what is posted below an object is asked about as what it is', async () => {
  const hooks = await webhook(({ kind }) => ({
    allowed: !JSON.stringify(kind).includes('Eviction'),
    status: { message: 'stay' },
  }))
  await using s = await startServer()
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } }
  const pods = '/api/v1/namespaces/default/pods'
  await s.send('POST', pods, pod)
  const rules = [rule(['*'], ['pods', 'pods/*', 'serviceaccounts/*'])]
  await configure(s, 'validating', hook('below', hooks.clientConfig('/'), { rules }))
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { spec: { audiences: ['a'] } })
  await s.send('POST', `${pods}/p/binding`, { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } })
  const evicted = s.refused('POST', `${pods}/p/eviction`, { metadata: { name: 'p' } })
  expect((await evicted).message).toBe('admission webhook "below.example.com" denied the request: stay')
  expect(hooks.asked).toMatchObject([
    {
      operation: 'CREATE',
      subResource: 'token',
      kind: { kind: 'TokenRequest' },
      object: { spec: { audiences: ['a'] } },
    },
    { operation: 'CREATE', subResource: 'binding', kind: { kind: 'Binding' }, object: { target: { name: 'n1' } } },
    { operation: 'CREATE', subResource: 'eviction', kind: { group: 'policy', kind: 'Eviction' }, oldObject: null },
  ])
})

test('match conditions decide whether a webhook is asked; what they cannot be is refused', async () => {
  const hooks = await webhook(() => ({ allowed: false }))
  await using s = await startServer()
  const conditions = (expression: string) => ({ matchConditions: [{ name: 'not-mine', expression }] })
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
  const webhooks = [hook('none', hooks.clientConfig('/'), conditions('object.nonsense('))]
  expect(await s.refused('POST', path, { metadata: { name: 'c' }, webhooks })).toMatchObject({
    code: 422,
    status: { details: { causes: [{ field: 'webhooks[0].matchConditions[0].expression' }] } },
  })
  await configure(s, 'validating', hook('all', hooks.clientConfig('/'), conditions("object.metadata.name != 'mine'")))
  await s.send('POST', maps, configMap('mine'))
  expect(hooks.asked).toEqual([])
  expect((await s.refused('POST', maps, configMap('other'))).message).toContain('denied the request')
})
