import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  Watch,
  type V1ConfigMap,
} from '@kubernetes/client-node'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { adminTls, startListening } from '../../../main/apiserver/testing/ask.ts'
import { podbay, startEngine, type Engine } from '../../helpers/engine.ts'
import { eventually } from '../../helpers/eventually.ts'

const namespace = 'default'
const maps = `/api/v1/namespaces/${namespace}/configmaps`
const range = (count: number) => Array.from({ length: count }, (_, at) => at)

describe('@kubernetes/client-node', () => {
  const name = `client-node-${process.pid}`
  let directory: string
  let engine: Engine
  let config: KubeConfig
  let core: CoreV1Api

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'podbay-client-node-'))
    engine = await startEngine({ name, dataDir: join(directory, 'data'), flags: ['--runtime', 'simulated'] })
    config = new KubeConfig()
    config.loadFromFile(engine.kubeconfig)
    core = config.makeApiClient(CoreV1Api)
  })
  afterAll(async () => {
    await engine.end('SIGTERM')
    podbay('delete', '--name', name, '--data-dir', join(directory, 'data'))
    rmSync(directory, { recursive: true, force: true })
  })

  const create = (mapName: string, labels: Record<string, string> = {}) =>
    core.createNamespacedConfigMap({ namespace, body: { metadata: { name: mapName, labels }, data: { a: '1' } } })

  /** Watches until `last`, and returns what came: types and names, a bookmark's with its annotations. */
  async function watched(query: Record<string, string | number | boolean>, last: (seen: string[]) => boolean) {
    const seen: string[] = []
    const ended = Promise.withResolvers<unknown>()
    const stop = await new Watch(config).watch(
      maps,
      query,
      (type: string, object: V1ConfigMap) => {
        const { name: objectName = '', annotations } = object.metadata ?? {}
        seen.push(`${type} ${annotations?.['k8s.io/initial-events-end'] === 'true' ? 'of the end' : objectName}`)
        if (last(seen)) ended.resolve(undefined)
      },
      ended.resolve,
    )
    await ended.promise
    stop.abort()
    return seen
  }

  it('has an informer that follows what its selector selects', async () => {
    const labelSelector = 'for=informer'
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector })
    await create('before', { for: 'informer' })
    const informer = makeInformer(config, maps, list, labelSelector)
    const seen: string[] = []
    for (const verb of ['add', 'update', 'delete'] as const) {
      informer.on(verb, object => void seen.push(`${verb} ${object.metadata?.name ?? ''}`))
    }
    await informer.start()
    await create('other')
    await create('after', { for: 'informer' })
    const options = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
    const relabel = { metadata: { labels: { for: null } } }
    await core.patchNamespacedConfigMap({ namespace, name: 'before', body: { data: { a: '2' } } }, options)
    await core.patchNamespacedConfigMap({ namespace, name: 'before', body: relabel }, options)
    await eventually(() => {
      expect(seen).toEqual(['add before', 'add after', 'update before', 'delete before'])
    })
    expect(informer.list().map(object => object.metadata?.name)).toEqual(['after'])
    await informer.stop()
  })

  it('streams the list in a watch, and marks its end', async () => {
    await create('streamed', { for: 'stream' })
    const query = {
      labelSelector: 'for=stream',
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    }
    const seen = await watched(query, ({ length }) => length === 2)
    expect(seen).toEqual(['ADDED streamed', 'BOOKMARK of the end'])
  })

  it('lists by pages, and the first page of a new list holds what came since', async () => {
    for (const at of range(7)) await create(`page-${at}`, { for: 'pages' })
    const pages: string[][] = []
    let cursor: string | undefined
    do {
      const page = await core.listNamespacedConfigMap({
        namespace,
        labelSelector: 'for=pages',
        limit: 3,
        ...(cursor !== undefined && { _continue: cursor }),
      })
      pages.push(page.items.map(({ metadata }) => metadata?.name ?? ''))
      cursor = page.metadata?._continue
      if (pages.length === 1) await create('page-00', { for: 'pages' })
    } while (cursor)
    expect(pages).toEqual([['page-0', 'page-1', 'page-2'], ['page-3', 'page-4', 'page-5'], ['page-6']])
    const again = await core.listNamespacedConfigMap({ namespace, labelSelector: 'for=pages', limit: 2 })
    expect(again.items.map(({ metadata }) => metadata?.name)).toEqual(['page-0', 'page-00'])
  })

  it('patches in every way', async () => {
    await create('patched')
    const patch = async (strategy: PatchStrategy, body: object) => {
      const options = setHeaderOptions('Content-Type', strategy)
      return (await core.patchNamespacedConfigMap({ namespace, name: 'patched', body, fieldManager: 'me' }, options))
        .data
    }
    expect(await patch(PatchStrategy.MergePatch, { data: { b: '2' } })).toEqual({ a: '1', b: '2' })
    expect(await patch(PatchStrategy.JsonPatch, [{ op: 'remove', path: '/data/b' }])).toEqual({ a: '1' })
    expect(await patch(PatchStrategy.StrategicMergePatch, { data: { $patch: 'replace', c: '3' } })).toEqual({ c: '3' })
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'patched' }, data: { d: '4' } }
    expect(await patch(PatchStrategy.ServerSideApply, applied)).toEqual({ c: '3', d: '4' })
    await expect(patch(PatchStrategy.ServerSideApply, { ...applied, data: { c: '5' } })).rejects.toMatchObject({
      code: 409,
      body: expect.stringContaining('FieldManagerConflict') as string,
    })
  })

  it('defines a kind, and keeps objects of it', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'crabs.sea.example' },
      spec: {
        group: 'sea.example',
        scope: 'Namespaced',
        names: { plural: 'crabs', kind: 'Crab' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  // The client's own word for what is a keyword elsewhere.
                  spec: { type: 'object', properties: { legs: { type: 'integer', _default: 10 } } },
                  status: { type: 'object', properties: { seen: { type: 'boolean' } } },
                },
              },
            },
          },
        ],
      },
    }
    await objects.create(definition)
    const custom = config.makeApiClient(CustomObjectsApi)
    const of = { group: 'sea.example', version: 'v1', namespace, plural: 'crabs' }
    const body = { apiVersion: 'sea.example/v1', kind: 'Crab', metadata: { name: 'bob' }, spec: {} }
    const made = await eventually(() => custom.createNamespacedCustomObject({ ...of, body }))
    expect(made).toMatchObject({ spec: { legs: 10 }, metadata: { generation: 1 } })
    const options = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
    const status = { status: { seen: true }, spec: { legs: 8 } }
    await custom.patchNamespacedCustomObjectStatus({ ...of, name: 'bob', body: status }, options)
    expect(await custom.getNamespacedCustomObject({ ...of, name: 'bob' })).toMatchObject({
      spec: { legs: 10 },
      status: { seen: true },
    })
    expect(await custom.listNamespacedCustomObject(of)).toMatchObject({ kind: 'CrabList', items: [{ kind: 'Crab' }] })
    await objects.delete({ ...definition, metadata: { name: 'crabs.sea.example' } })
    await eventually(() => expect(custom.listNamespacedCustomObject(of)).rejects.toMatchObject({ code: 404 }))
  })
})

test('an informer of @kubernetes/client-node lists anew when its revision is gone', async () => {
  await using s = await startListening()
  const { ca, cert, key } = adminTls(s)
  const base64 = (pem: string) => Buffer.from(pem).toString('base64')
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'c', server: `https://127.0.0.1:${s.port}`, caData: base64(ca), skipTLSVerify: false },
    { name: 'u', certData: base64(cert), keyData: base64(key) },
  )
  const core = config.makeApiClient(CoreV1Api)
  const create = (mapName: string) =>
    core.createNamespacedConfigMap({ namespace, body: { metadata: { name: mapName } } })
  await create('gone')
  await create('kept')
  let lists = 0
  const informer = makeInformer(config, maps, () => {
    lists++
    return core.listNamespacedConfigMap({ namespace })
  })
  await informer.start()
  await informer.stop()
  await core.deleteNamespacedConfigMap({ namespace, name: 'gone' })
  await create('new')
  await s.store.compact(s.store.revision)
  await informer.start()
  await eventually(() =>
    expect(
      informer
        .list()
        .map(({ metadata }) => metadata?.name)
        .sort(),
    ).toEqual(['kept', 'new']),
  )
  expect(lists).toBe(2)
  await create('newer')
  await eventually(() => expect(informer.get('newer', namespace)).toBeDefined())
  await informer.stop()
})
