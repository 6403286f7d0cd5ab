import { expect, test } from 'vitest'
import type { CustomResourceDefinition } from '../../../shared/api/apiextensions.ts'
import type { KubeList, KubeObject, WatchEvent } from '../../../shared/api/object.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }

interface Version {
  name: string
  schema?: object
  [field: string]: unknown
}

function definition(versions: Version[], changes: object = {}): object {
  return {
    metadata: { name: 'widgets.shop.test' },
    spec: {
      group: 'shop.test',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wg'], categories: ['all'] },
      versions: versions.map(({ schema, ...version }, i) => ({
        served: true,
        storage: i === 0,
        ...version,
        schema: { openAPIV3Schema: schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      })),
      ...changes,
    },
  }
}

const spec = (properties: object) => ({
  type: 'object',
  properties: {
    spec: { type: 'object', properties },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
  },
})
const widgets = '/apis/shop.test/v1/namespaces/default/widgets'

/** Creates a definition and waits until it is established. */
async function define(s: TestServer, crd: object): Promise<CustomResourceDefinition> {
  const end = new AbortController()
  const query = { watch: '1' }
  const events = s.admin.watch<CustomResourceDefinition>({
    method: 'GET',
    path: definitions,
    query,
    signal: end.signal,
  })
  await s.send('POST', definitions, crd)
  for await (const { type, object } of events) {
    if (type === 'ERROR') throw new Error(object.message)
    if (object.status?.conditions?.some(({ type: name, status }) => name === 'Established' && status === 'True')) {
      end.abort()
      return object
    }
  }
  throw new Error('the watch ended')
}

test('a definition makes a kind that can be used at once, with its names, and is in discovery', async () => {
  await using s = await startServer()
  const crd = await define(s, definition([{ name: 'v1' }]))
  expect(crd.status).toMatchObject({
    storedVersions: ['v1'],
    acceptedNames: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
  })
  const made = await s.send<KubeObject>('POST', widgets, {
    kind: 'Widget',
    metadata: { name: 'a' },
    spec: { any: [1, null] },
  })
  expect(made).toMatchObject({
    apiVersion: 'shop.test/v1',
    kind: 'Widget',
    spec: { any: [1, null] },
    metadata: { generation: 1 },
  })
  const list = await s.send<KubeList>('GET', '/apis/shop.test/v1/widgets')
  expect(list).toMatchObject({ kind: 'WidgetList', items: [{ metadata: { name: 'a' } }] })
  expect(await s.send('GET', '/apis/shop.test/v1')).toMatchObject({
    resources: [{ name: 'widgets', shortNames: ['wg'], categories: ['all'], kind: 'Widget' }],
  })
})

test('what the schema does not know is dropped, or refused when the client is strict', async () => {
  await using s = await startServer()
  await define(s, definition([{ name: 'v1', schema: spec({ size: { type: 'integer' } }) }]))
  const body = { kind: 'Widget', metadata: { name: 'a', odd: 1 }, spec: { size: 1, extra: 2 }, top: 3 }
  const made = await s.send<object>('POST', widgets, body)
  expect(made).toMatchObject({ spec: { size: 1 } })
  expect(made).not.toHaveProperty('top')
  expect(made).not.toHaveProperty('spec.extra')
  const strict = await s.refused('POST', widgets, body, { query: { fieldValidation: 'Strict' } })
  expect(strict.message).toContain(
    'strict decoding error: unknown field "metadata.odd", unknown field "spec.extra", unknown field "top"',
  )
  const wrong = await s.refused('POST', widgets, { kind: 'Widget', metadata: { name: 'b' }, spec: { size: 'large' } })
  expect(wrong.message).toContain(
    'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
  )
})

test('defaults are there in answers and in what was stored before them', async () => {
  await using s = await startServer()
  const schema = (a: object) => ({
    type: 'object',
    properties: {
      a: { type: 'string', ...a },
      in: { type: 'object', default: {}, properties: { c: { type: 'string', ...a } } },
    },
  })
  const crd = await define(s, definition([{ name: 'v1', schema: schema({}) }]))
  await s.send('POST', widgets, { kind: 'Widget', metadata: { name: 'old' } })
  const { metadata } = crd
  await s.send(
    'PATCH',
    `${definitions}/${metadata.name}`,
    [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: schema({ default: 'A' }) }],
    { headers: { 'content-type': 'application/json-patch+json' } },
  )
  expect(await s.send('GET', `${widgets}/old`)).toMatchObject({ a: 'A', in: { c: 'A' } })
  expect(await s.send('POST', widgets, { kind: 'Widget', metadata: { name: 'null' }, a: null })).toMatchObject({
    a: 'A',
  })
})

test('status and scale are subresources, and generation counts changes of the rest', async () => {
  await using s = await startServer()
  const subresources = {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  }
  await define(s, definition([{ name: 'v1', schema: spec({ replicas: { type: 'integer' } }), subresources }]))
  const made = await s.send<KubeObject>('POST', widgets, {
    kind: 'Widget',
    metadata: { name: 'a' },
    spec: { replicas: 2 },
    status: { replicas: 9 },
  })
  expect(made).not.toHaveProperty('status')
  const status = await s.send<KubeObject>('PUT', `${widgets}/a/status`, {
    ...made,
    spec: { replicas: 7 },
    status: { replicas: 1, selector: 'app=w' },
  })
  expect(status).toMatchObject({ spec: { replicas: 2 }, status: { replicas: 1 }, metadata: { generation: 1 } })
  expect(await s.send('GET', `${widgets}/a/scale`)).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 2 },
    status: { replicas: 1, selector: 'app=w' },
  })
  await s.send('PATCH', `${widgets}/a/scale`, { spec: { replicas: 5 } }, merge)
  expect(await s.send('GET', `${widgets}/a`)).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 2 } })
  const strategic = { headers: { 'content-type': 'application/strategic-merge-patch+json' } }
  expect((await s.refused('PATCH', `${widgets}/a`, { spec: { replicas: 6 } }, strategic)).code).toBe(415)
})

test('versions are served side by side, and what was stored in one can be read in another', async () => {
  await using s = await startServer()
  await define(s, definition([{ name: 'v1beta1' }, { name: 'v1', deprecated: true }]))
  await s.send('POST', widgets, { kind: 'Widget', metadata: { name: 'a' }, spec: { a: 'x' } })
  const beta = widgets.replace('v1', 'v1beta1')
  expect(await s.send('GET', `${beta}/a`)).toMatchObject({ apiVersion: 'shop.test/v1beta1', spec: { a: 'x' } })
  expect(await s.send('GET', '/apis/shop.test')).toMatchObject({ preferredVersion: { version: 'v1' } })
  await s.send('PATCH', `${beta}/a`, { spec: { b: 1 } }, merge)
  expect(await s.send('GET', `${widgets}/a`)).toMatchObject({ apiVersion: 'shop.test/v1', spec: { a: 'x', b: 1 } })
})

test('a definition whose kind is taken waits until it is free', async () => {
  await using s = await startServer()
  await define(s, definition([{ name: 'v1' }]))
  const other = {
    ...definition([{ name: 'v1' }], { names: { plural: 'gadgets', kind: 'Widget' } }),
    metadata: { name: 'gadgets.shop.test' },
  }
  const end = new AbortController()
  const watch = s.admin.watch<CustomResourceDefinition>({
    method: 'GET',
    path: definitions,
    query: { watch: '1', fieldSelector: 'metadata.name=gadgets.shop.test' },
    signal: end.signal,
  })
  await s.send('POST', definitions, other)
  const accepted: string[] = []
  for await (const { object } of watch as AsyncIterable<
    WatchEvent<CustomResourceDefinition> & { object: CustomResourceDefinition }
  >) {
    const found = object.status?.conditions?.find(({ type }) => type === 'NamesAccepted')
    if (!found || found.status === accepted.at(-1)) continue
    accepted.push(found.status)
    if (found.status === 'True') break
    expect(found).toMatchObject({ reason: 'ListKindConflict', message: '"WidgetList" is already in use' })
    await s.send('DELETE', `${definitions}/widgets.shop.test`)
  }
  end.abort()
  expect(accepted).toEqual(['False', 'True'])
})

test('a definition goes when its objects are gone, and nothing new is made meanwhile; watches end', async () => {
  await using s = await startServer()
  await define(s, definition([{ name: 'v1' }]))
  await s.send('POST', widgets, { kind: 'Widget', metadata: { name: 'free' } })
  await s.send('POST', widgets, { kind: 'Widget', metadata: { name: 'held', finalizers: ['shop.test/hold'] } })
  const end = new AbortController()
  const seen = (async () => {
    const types: string[] = []
    for await (const { type, object } of s.admin.watch({
      method: 'GET',
      path: widgets,
      query: { watch: '1' },
      signal: end.signal,
    })) {
      types.push(`${type} ${(object as KubeObject).metadata.name}`)
    }
    return types
  })()
  await s.send('DELETE', `${definitions}/widgets.shop.test`)
  const refused = await s.refused('POST', widgets, { kind: 'Widget', metadata: { name: 'late' } })
  expect(refused.message).toContain('create not allowed while custom resource definition is terminating')
  await s.send('PATCH', `${widgets}/held`, { metadata: { finalizers: null } }, merge)
  const types = await seen
  expect(types.filter(text => text.startsWith('DELETED')).toSorted()).toEqual(['DELETED free', 'DELETED held'])
  expect((await s.refused('GET', widgets)).code).toBe(404)
  expect((await s.refused('GET', `${definitions}/widgets.shop.test`)).code).toBe(404)
})

test('integers of custom resources keep all of 64 bits, however they are written and worked on', async () => {
  await using s = await startServer()
  const exact = {
    type: 'integer',
    format: 'int64',
    maximum: 2 ** 63,
    'x-kubernetes-validations': [{ rule: 'self > 1' }],
  }
  await define(s, definition([{ name: 'v1', schema: spec({ num: exact, other: { type: 'integer' } }) }]))
  const most = 9223372036854775807n
  const path = `${widgets}/w`
  const made = await s.send<KubeObject>('POST', widgets, {
    apiVersion: 'shop.test/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec: { num: most },
  })
  expect(made).toMatchObject({ spec: { num: most } })
  const changed = await s.send<KubeObject>('PATCH', path, { spec: { other: -most } }, merge)
  expect(changed).toMatchObject({ spec: { num: most, other: -most } })
  expect(await s.send('GET', path)).toMatchObject({ spec: { num: most, other: -most } })
})
