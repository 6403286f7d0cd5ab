import { expect, test } from 'vitest'
import type { KubeList, KubeObject, WatchEvent } from '../../../shared/api/object.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import { internalError } from '../../../shared/machinery/status.ts'
import { anyKind, defineResource, storedAs, type Resource, type StorageForm } from '../../resources/resource.ts'
import { builtInResources } from '../../resources/resources.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

interface Old extends KubeObject {
  size?: string
}
interface New extends KubeObject {
  length?: number
}
const anything = { 'x-kubernetes-preserve-unknown-fields': true }
const common = { resource: 'worms', kind: 'Worm', namespaced: false }
const newWorms: ResourceRef<New> = { ...common, group: 'fauna.test', version: 'v2' }
const oldWorms: ResourceRef<Old> = { ...common, group: 'animals.test', version: 'v1' }
const paths = { new: '/apis/fauna.test/v2/worms', old: '/apis/animals.test/v1/worms' }

const form = storedAs(oldWorms, newWorms, {
  from: ({ length, ...rest }) => ({ ...rest, ...(length !== undefined && { size: String(length) }) }),
  to: ({ size, ...rest }) => ({ ...rest, ...(size !== undefined && { length: Number(size) }) }),
})

function kinds(stored: StorageForm<Old>): Resource[] {
  return [
    anyKind(
      defineResource(newWorms, {
        schema: () => ({ type: 'object', properties: { length: { type: 'integer' }, metadata: anything } }),
      }),
    ),
    anyKind(
      defineResource(oldWorms, {
        stored,
        schema: () => ({ type: 'object', properties: { size: { type: 'string' }, metadata: anything } }),
        fields: { size: ({ size = '' }) => size },
        columns: [{ name: 'Size', type: 'string', cell: ({ size = '' }) => size }],
      }),
    ),
  ]
}

const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const metadata = { name: 'a' }

async function* changes(s: TestServer, path: string, signal: AbortSignal) {
  const events: AsyncIterable<WatchEvent> = s.admin.watch({ method: 'GET', path, query: { watch: '1' }, signal })
  for await (const { type, object } of events) yield { type, object: object as Partial<Old & New> }
}

test('each version reads and writes what is stored once, in its own form', async () => {
  await using s = await startServer({ resources: [...builtInResources, ...kinds(form)] })
  const made = await s.send<Old>('POST', paths.old, { metadata, size: '3' })
  expect(made).toMatchObject({ apiVersion: 'animals.test/v1', kind: 'Worm', size: '3' })
  expect(await s.send<New>('GET', `${paths.new}/a`)).toMatchObject({ apiVersion: 'fauna.test/v2', length: 3 })
  expect(s.store.count('/animals.test/')).toBe(0)

  await s.send('PATCH', `${paths.old}/a`, { size: '4' }, merge)
  expect(await s.send<New>('GET', `${paths.new}/a`)).toMatchObject({ length: 4, metadata: { uid: made.metadata.uid } })
  await s.send('PUT', `${paths.new}/a`, { metadata, length: 5 })
  const list = await s.send<KubeList<Old>>('GET', paths.old, undefined, { query: { fieldSelector: 'size=5' } })
  expect(list.items).toMatchObject([{ apiVersion: 'animals.test/v1', size: '5' }])
  const table = await s.send<{ rows: { cells: unknown[] }[] }>('GET', paths.old, undefined, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  })
  expect(table.rows[0]?.cells).toEqual(['5'])

  const same = await s.send<Old>('PATCH', `${paths.old}/a`, { size: '5' }, merge)
  expect(same.metadata.resourceVersion).toBe(list.items[0]?.metadata.resourceVersion)
  await s.send('DELETE', paths.old)
  expect(s.store.count('/fauna.test/')).toBe(0)
})

test.each([
  ['at once', form],
  [
    'later',
    {
      ref: form.ref,
      fromStorage: async objects => form.fromStorage(objects),
      toStorage: async object => form.toStorage(object),
    } satisfies StorageForm<Old>,
  ],
])('watchers of each version see changes in order when they are converted %s', async (_, stored) => {
  await using s = await startServer({ resources: [...builtInResources, ...kinds(stored)] })
  const end = new AbortController()
  const watches = { old: changes(s, paths.old, end.signal), new: changes(s, paths.new, end.signal) }
  await s.send('POST', paths.new, { metadata, length: 1 })
  const first = { old: await watches.old.next(), new: await watches.new.next() }
  expect(first.old.value).toMatchObject({ type: 'ADDED', object: { apiVersion: 'animals.test/v1', size: '1' } })
  expect(first.new.value).toMatchObject({ type: 'ADDED', object: { apiVersion: 'fauna.test/v2', length: 1 } })
  for (const size of ['2', '3', '4']) await s.send('PATCH', `${paths.old}/a`, { size }, merge)
  await s.send('DELETE', `${paths.old}/a`)
  const seen: string[] = []
  for (let i = 0; i < 4; i++) {
    const { type, object } = (await watches.old.next()).value!
    seen.push(`${type} ${object.size ?? ''}`)
  }
  expect(seen).toEqual(['MODIFIED 2', 'MODIFIED 3', 'MODIFIED 4', 'DELETED 4'])
  end.abort()
})

test('a conversion that fails is the answer, and ends a watch with an ERROR', async () => {
  let broken = false
  const stored: StorageForm<Old> = {
    ...form,
    fromStorage: async objects => {
      if (broken) throw internalError('the worm has turned')
      return form.fromStorage(objects)
    },
  }
  await using s = await startServer({ resources: [...builtInResources, ...kinds(stored)] })
  const end = new AbortController()
  const watching = changes(s, paths.old, end.signal)
  await s.send('POST', paths.old, { metadata, size: '1' })
  await watching.next()
  broken = true
  expect((await s.refused('GET', paths.old)).message).toContain('the worm has turned')
  expect((await s.refused('GET', `${paths.old}/a`)).code).toBe(500)
  await s.send('PUT', `${paths.new}/a`, { metadata, length: 5 })
  expect((await watching.next()).value).toMatchObject({ type: 'ERROR', object: { reason: 'InternalError' } })
  expect((await watching.next()).done).toBe(true)
})
