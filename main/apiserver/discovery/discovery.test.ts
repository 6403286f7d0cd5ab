import { expect, test } from 'vitest'
import { createPostStart } from './post-start.ts'
import type { ServerResponse } from '../request.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

interface ResourceEntry {
  name: string
  kind: string
  verbs: string[]
  shortNames?: string[]
  group?: string
}

function get(
  s: TestServer,
  path: string,
  headers: Record<string, string> = {},
  group = 'system:masters',
): Promise<ServerResponse> {
  return s.server.handle({
    method: 'GET',
    path: path.split('?', 1)[0] ?? '',
    query: new URLSearchParams(path.split('?')[1]),
    headers,
    user: { name: 'jane', groups: [group] },
    body: { value: undefined },
    signal: new AbortController().signal,
    upgrade: false,
  })
}

test('legacy discovery names groups, kinds, verbs and subresources', async () => {
  await using s = await startServer()
  expect(await s.send('GET', '/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
  expect(await s.send('GET', '/apis')).toMatchObject({
    kind: 'APIGroupList',
    groups: expect.arrayContaining([
      expect.objectContaining({
        name: 'discovery.k8s.io',
        preferredVersion: { groupVersion: 'discovery.k8s.io/v1', version: 'v1' },
      }),
    ]),
  })
  const { resources } = await s.send<{ resources: ResourceEntry[] }>('GET', '/api/v1')
  const of = (name: string) => resources.find(resource => resource.name === name)
  expect(of('configmaps')).toMatchObject({
    kind: 'ConfigMap',
    namespaced: true,
    singularName: 'configmap',
    shortNames: ['cm'],
  })
  expect(of('serviceaccounts/token')).toMatchObject({
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenRequest',
    verbs: ['create'],
  })
  expect(of('namespaces/finalize')).toMatchObject({ kind: 'Namespace', verbs: ['update'] })
})

test('aggregated discovery says in its Content-Type which form it has', async () => {
  await using s = await startServer()
  const accept = (v: string) => `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList`
  const answer = await get(s, '/api', { accept: `${accept('v2')},${accept('v2beta1')},application/json` })
  expect(answer.headers['content-type']).toBe(accept('v2'))
  expect('body' in answer && answer.body.value()).toMatchObject({
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    items: [{ metadata: { name: '' }, versions: [{ version: 'v1', freshness: 'Current' }] }],
  })
  const etag = answer.headers['etag'] ?? ''
  expect((await get(s, '/api', { accept: accept('v2'), 'if-none-match': etag })).status).toBe(304)
  expect((await get(s, '/apis', { accept: accept('v2beta1') })).headers['content-type']).toBe(accept('v2beta1'))
})

test('OpenAPI v3 has schemas, and the parameters that kubectl looks for before it validates', async () => {
  await using s = await startServer()
  const index = await s.send<{ paths: Record<string, { serverRelativeURL: string }> }>('GET', '/openapi/v3')
  expect(index.paths['api/v1']?.serverRelativeURL).toMatch(/^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]+$/)
  interface Document {
    paths: Record<string, Record<string, { parameters: { name: string }[]; 'x-kubernetes-group-version-kind': object }>>
    components: { schemas: Record<string, { properties: object }> }
  }
  const document = await s.send<Document>('GET', '/openapi/v3/api/v1')
  const patch = document.paths['/api/v1/namespaces/{namespace}/configmaps/{name}']?.['patch']
  expect(patch?.['x-kubernetes-group-version-kind']).toEqual({ group: '', version: 'v1', kind: 'ConfigMap' })
  expect(patch?.parameters.map(parameter => parameter.name)).toEqual(
    expect.arrayContaining(['fieldValidation', 'dryRun']),
  )
  expect(document.components.schemas['io.k8s.api.core.v1.ConfigMap']?.properties).toHaveProperty('data')
  expect(document.components.schemas['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toMatchObject({
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
  })
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty([name!])
})

test('definitions of custom resources can be listed, and one without anything in it is invalid', async () => {
  await using s = await startServer()
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  expect(await s.send('GET', path)).toMatchObject({ kind: 'CustomResourceDefinitionList', items: [] })
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'a.b.c' },
  }
  expect((await s.refused('POST', path, definition)).status).toMatchObject({ code: 422, reason: 'Invalid' })
})

test('every answer about a deprecated kind says so', async () => {
  await using s = await startServer()
  const read = (kind: string) => get(s, `/api/v1/namespaces/default/${kind}`, {}, 'system:masters')
  const answer = await read('endpoints')
  expect(answer.headers['warning']).toBe(
    '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  )
  expect((await read('services')).headers).not.toHaveProperty('warning')
})

test('health tells what is missing, under the names of upstream', async () => {
  const postStart = createPostStart()
  await using s = await startServer({
    health: postStart.checks,
    authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
  })
  const ask = async (path: string) => {
    const answer = await get(s, path)
    return [answer.status, 'body' in answer ? answer.body.value() : undefined] as const
  }
  const [policy, definitions] = ['poststarthook/rbac/bootstrap-roles', 'poststarthook/crd-informer-synced']
  await postStart.run('definitions', Promise.resolve())
  const [status, lines] = await ask('/readyz?exclude=etcd&exclude=b&exclude=a')
  expect(status).toBe(500)
  expect(String(lines).split('\n')).toEqual(
    expect.arrayContaining([
      '[+]ping ok',
      '[+]etcd excluded: ok',
      '[+]informer-sync ok',
      `[+]${definitions} ok`,
      `[-]${policy} failed: reason withheld`,
      'warn: some health checks cannot be excluded: no matches for "a","b"',
      'readyz check failed',
    ]),
  )
  expect(await ask(`/livez/${policy}`)).toEqual([500, 'internal server error: not finished\n'])
  expect(await ask(`/livez/${definitions}`)).toEqual([200, 'ok'])
  for (const step of ['namespaces', 'objects', 'policy', 'apis', 'authentication'] as const) {
    await postStart.run(step, Promise.resolve())
  }
  for (const path of ['healthz', 'livez', 'readyz']) expect(await ask(`/${path}`)).toEqual([200, 'ok'])
  expect((await ask('/healthz?verbose'))[1]).toMatch(/^\[\+\]ping ok\n(\[\+\]\S+ ok\n)+healthz check passed\n$/)
  expect((await ask('/readyz/nothing'))[0]).toBe(404)
})

test('what a step could not do stays unfinished', async () => {
  const postStart = createPostStart()
  await expect(postStart.run('apis', Promise.reject(new Error('no')))).rejects.toThrow('no')
  const unfinished = postStart.checks.filter(({ check }) => check() === 'not finished').map(({ name }) => name)
  expect(unfinished).toContain('autoregister-completion')
})
