import { expect, test } from 'vitest'
import type { ConfigMap, Pod } from '../../shared/api/core.ts'
import type { KubeObject, Status } from '../../shared/api/object.ts'
import { isConflict } from '../../shared/machinery/status.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import type { ServerRequest } from './request.ts'
import { startServer, type TestServer } from './testing/start-server.ts'

// What clients must not be able to do, by malice or by mistake.

const maps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const jsonPatch = { headers: { 'content-type': 'application/json-patch+json' } }
const range = (count: number) => Array.from({ length: count }, (_, at) => at)

/** The answer to a body as it comes over the wire. */
async function post(
  { server }: TestServer,
  path: string,
  { text, type, groups = ['system:masters'] }: { text: string; type: string; groups?: string[] },
): Promise<{ status: number; value: KubeObject & Status; warning: string }> {
  const request: ServerRequest = {
    method: 'POST',
    path,
    query: new URLSearchParams(),
    headers: { 'content-type': type },
    user: { name: 'someone', groups: [...groups, 'system:authenticated'] },
    body: { read: () => Promise.resolve(Buffer.from(text)) },
    signal: new AbortController().signal,
    upgrade: false,
  }
  const response = await server.handle(request)
  if (!('body' in response)) throw new Error('no body')
  const value = response.body.value() as KubeObject & Status
  return { status: response.status, value, warning: response.headers.warning ?? '' }
}

test('a class that is named like a member of every object is unknown', async () => {
  await using s = await startServer()
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const spec = { containers: [{ name: 'a', image: 'x' }], priorityClassName: 'constructor' }
  const refused = await s.refused('POST', pods, { metadata: { name: 'p' }, spec })
  expect(refused.message).toBe('pods "p" is forbidden: no PriorityClass with name constructor was found')
})

test('a path that says more than it may does not exist', async () => {
  await using s = await startServer()
  for (const path of [
    '/api/v1/namespaces/default/nodes',
    '/api/v1/namespaces/default/namespaces/kube-system',
    '/api/v1/namespaces/default/pods/p/status/more',
    '/api//v1/namespaces/default',
    '//api/v1/namespaces/default',
    '//version',
    `${maps}//a`,
  ]) {
    expect((await s.refused('GET', path)).message).toBe('the server could not find the requested resource')
  }
  expect(await s.send('GET', '/api/v1/namespaces/default')).toMatchObject({ metadata: { name: 'default' } })
})

test('what could be a step of a path is no name', async () => {
  await using s = await startServer()
  for (const [escaped, fault] of [
    ['.', `".": may not be '.'`],
    ['%2e%2e', `"..": may not be '..'`],
    ['a%2Fb', `"a/b": may not contain '/'`],
    ['%2525', `"%25": may not contain '%'`],
  ] as const) {
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await s.refused(method, `${maps}/${escaped}`)).status).toMatchObject({
        code: 400,
        message: `Name parameter invalid: ${fault}`,
      })
    }
  }
  expect((await s.refused('GET', `${maps}/%00`)).code).toBe(404)
  expect((await s.refused('GET', `${maps}/${'a'.repeat(100_000)}`)).code).toBe(404)
})

test('options of a deletion in the query are read as Go reads them', async () => {
  await using s = await startServer()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  const refused = await s.refused('DELETE', `${maps}/a`, undefined, { query: { gracePeriodSeconds: 'soon' } })
  expect([refused.code, refused.message]).toEqual([400, 'strconv.ParseInt: parsing "soon": invalid syntax'])
  await s.send('DELETE', `${maps}/a`, undefined, { query: { orphanDependents: 'maybe' } })
  expect((await s.send<ConfigMap>('GET', `${maps}/a`)).metadata.finalizers).toEqual(['orphan'])
})

test('a body is of the type that it says, or of none that anyone reads', async () => {
  await using s = await startServer()
  const text = '{"metadata":{"name":"a"}}'
  for (const [type, status] of [
    ['', 201],
    ['APPLICATION/JSON; charset=utf-8', 409],
    ['*/*', 415],
    [';charset=utf-8', 415],
    ['application/json, application/yaml', 415],
    ['application/cbor', 415],
  ] as const) {
    expect([type, (await post(s, maps, { text, type })).status]).toEqual([type, status])
  }
})

test('all of many patches of one object succeed', async () => {
  await using s = await startServer()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  await Promise.all(range(40).map(at => s.send('PATCH', `${maps}/a`, { data: { [`k${at}`]: 'v' } }, merge)))
  expect(Object.keys((await s.send<ConfigMap>('GET', `${maps}/a`)).data ?? {})).toHaveLength(40)
})

test('one of many that change the same revision succeeds', async () => {
  await using s = await startServer()
  const made = await s.send<ConfigMap>('POST', maps, { metadata: { name: 'a' } })
  const writes = range(10).map(at => s.send('PUT', `${maps}/a`, { ...made, data: { writer: String(at) } }))
  const results = await Promise.allSettled(writes)
  const lost = results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []))
  expect(lost.map(isConflict)).toEqual(range(9).map(() => true))
})

test('administrators and controllers are never told to wait, others are', async () => {
  const authorizer = { authorize: () => ({ allowed: true, reason: '' }) }
  await using s = await startServer({ authorizer })
  const made = await Promise.all(
    range(250).map(at => s.send<ConfigMap>('POST', maps, { metadata: { name: `c${at}` } })),
  )
  expect(made).toHaveLength(250)
  const others = await Promise.all(
    range(250).map(at =>
      post(s, maps, { text: `{"metadata":{"name":"o${at}"}}`, type: 'application/json', groups: ['some'] }),
    ),
  )
  expect(others.filter(({ status }) => status === 429)).toHaveLength(50)
})

// A second of work, nearly all of it the YAML parser's and in proportion to the text; in the square of it, minutes.
test('keys that stand twice cost no more than others', { timeout: 30_000 }, async () => {
  await using s = await startServer()
  const keys = range(20_000).map(at => `k${at}`)
  const text = `{"metadata":{"name":"a"},"data":{${keys.map(key => `"${key}":"","${key}":""`).join()}}}`
  const json = await post(s, maps, { text, type: 'application/json' })
  expect(json.warning).toContain('duplicate field \\"data.k0\\"')
  const lines = keys.map(key => `  ${key}: ""`)
  const yaml = await post(s, maps, {
    text: `metadata: {name: b}\ndata:\n${[...lines, '  k7: ""'].join('\n')}`,
    type: 'application/yaml',
  })
  expect([yaml.status, yaml.warning]).toEqual([
    201,
    '299 - "yaml: unmarshal errors:?  line 20003: key \\"k7\\" already set in map"',
  ])
})

test('a patch can not fill the memory with copies', async () => {
  await using s = await startServer()
  await s.send('POST', maps, { metadata: { name: 'a' }, data: { k: 'x'.repeat(1000) } })
  const doubling = range(40).map(at => ({ op: 'copy', from: '/data', path: `/data/k${at}` }))
  const refused = await s.refused('PATCH', `${maps}/a`, doubling, jsonPatch)
  expect([refused.code, refused.message]).toEqual([
    422,
    'the server rejected our request due to an error in our request',
  ])
})

test('a revision that is none is refused, and one object is no exception', async () => {
  await using s = await startServer()
  await s.send('POST', maps, { metadata: { name: 'a' } })
  const message = 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'
  for (const path of [maps, `${maps}/a`]) {
    expect((await s.refused('GET', path, undefined, { query: { resourceVersion: 'abc' } })).status).toMatchObject({
      code: 400,
      reason: 'BadRequest',
      message,
    })
  }
})

test('whoever may only get pods/exec runs no command', async () => {
  const authorizer = {
    authorize: ({ name }: { name: string }, { verb }: { verb: string }) => ({
      allowed: name !== 'reader' || verb === 'get',
      reason: 'reading alone',
    }),
  }
  await using s = await startServer({ authorizer })
  const answer = await s.server.handle({
    method: 'GET',
    path: `${pods}/p/exec`,
    query: new URLSearchParams('command=ls&stdout=1'),
    headers: {},
    user: { name: 'reader', groups: ['system:authenticated'] },
    body: { value: undefined },
    signal: new AbortController().signal,
    upgrade: true,
  })
  if (!('body' in answer)) throw new Error('no body')
  expect(answer.body.value()).toMatchObject({ code: 403, message: 'pods "p" is forbidden: reading alone' })
})

test('options and requests with values of the wrong type are refused', async () => {
  const errors: string[] = []
  const log: Logger = { error: text => void errors.push(text), info() {}, debug() {}, with: () => log }
  await using s = await startServer({ log })
  await s.send('POST', maps, { metadata: { name: 'a' } })
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await s.send('POST', pods, { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'x' }] } })
  const token = '/api/v1/namespaces/default/serviceaccounts/default/token'
  const eviction = { metadata: { name: 'p' }, deleteOptions: { dryRun: 'All' } }
  expect([
    (await s.refused('DELETE', `${maps}/a`, { dryRun: 5 })).message,
    (await s.refused('DELETE', `${maps}/a`, { preconditions: 'x' })).message,
    (await s.refused('POST', token, { spec: { audiences: 'x' } })).message,
    (await s.refused('POST', token, { spec: { expirationSeconds: 700.5 } })).message,
    (await s.refused('POST', `${pods}/p/eviction`, eviction)).message,
  ]).toEqual([
    'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal number into Go struct field DeleteOptions.dryRun of type []string',
    'DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal string into Go struct field DeleteOptions.preconditions of type v1.Preconditions',
    'TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal string into Go struct field TokenRequestSpec.spec.audiences of type []string',
    'TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal number 700.5 into Go struct field TokenRequestSpec.spec.expirationSeconds of type int64',
    'Eviction in version "v1" cannot be handled as a Eviction: json: cannot unmarshal string into Go struct field DeleteOptions.deleteOptions.dryRun of type []string',
  ])
  expect(errors).toEqual([])
  expect((await s.send<Pod>('GET', `${pods}/p`)).metadata.deletionTimestamp).toBeUndefined()
})

test('who may only update makes nothing new with PUT', async () => {
  const authorizer = {
    authorize: ({ name }: { name: string }, { verb }: { verb: string }) => ({
      allowed: name !== 'updater' || verb !== 'create',
      reason: 'updating alone',
    }),
  }
  await using s = await startServer({ authorizer })
  const updater = s.server.transport({ name: 'updater', groups: [] })
  const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/a'
  const body = { metadata: { name: 'a' } }
  await expect(updater.request({ method: 'PUT', path, body })).rejects.toMatchObject({
    code: 403,
    message: 'leases.coordination.k8s.io "a" is forbidden: updating alone',
  })
  const made = await s.send('PUT', path, body)
  expect(await updater.request({ method: 'PUT', path, body: made })).toEqual(made)
})

test('what a client says of itself is kept in bounds', async () => {
  await using s = await startServer()
  await s.send(
    'POST',
    maps,
    { metadata: { name: 'a' } },
    { headers: { 'user-agent': 'x'.repeat(5000), 'audit-id': 'y'.repeat(65) } },
  )
  await s.send(
    'POST',
    maps,
    { metadata: { name: 'b' } },
    { headers: { 'user-agent': 'me', 'audit-id': 'y'.repeat(64) } },
  )
  const journalOf = async (name: string) => (await s.store.history(`//configmaps/default/${name}`))[0]?.journal
  expect(await journalOf('a')).toMatchObject({
    agent: `${'x'.repeat(1024)}...TRUNCATED`,
    auditId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  })
  expect(await journalOf('b')).toMatchObject({ agent: 'me', auditId: 'y'.repeat(64) })
})

test('many and long Accept headers are read like few and short ones', async () => {
  await using s = await startServer()
  const table = 'application/json;as=Table;g=meta.k8s.io;v=v1'
  for (const prefix of [...range(250).map(at => `text/x${at}`), 'text/'.padEnd(10_000, 'x')]) {
    const answer = await s.send<KubeObject>('GET', maps, undefined, { headers: { accept: `${prefix},${table}` } })
    expect(answer.kind).toBe('Table')
    expect((await s.refused('GET', maps, undefined, { headers: { accept: prefix } })).code).toBe(406)
  }
})

test('a required struct that is missing is empty, and what it must hold is asked for', async () => {
  await using s = await startServer()
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  const spec = {
    containers: [{ name: 'a', image: 'x' }],
    affinity: { nodeAffinity: { [preferred]: [{ weight: 1 }] }, podAffinity: { [preferred]: [{ weight: 1 }] } },
    volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: {} } }],
  }
  const { status } = await s.refused('POST', pods, { metadata: { name: 'p' }, spec })
  expect([...new Set(status.details?.causes?.map(({ field }) => field))]).toEqual([
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.accessModes',
    'spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources[storage]',
    `spec.affinity.podAffinity.${preferred}[0].podAffinityTerm.topologyKey`,
  ])
})

test('a list of very many items with one name is refused like a short one', async () => {
  await using s = await startServer()
  const ports = range(60_000).map(at => ({ name: `p${at % 59_999}`, port: 80 }))
  const { status } = await s.refused('POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 'many' },
    spec: { ports },
  })
  expect([status.code, status.details?.causes?.length]).toEqual([422, 1000])
})
