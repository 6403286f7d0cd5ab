import { expect, test } from 'vitest'
import type { Table } from '../../../shared/api/meta.ts'
import type { KubeList } from '../../../shared/api/object.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'
import { encodeContinue } from './continue-token.ts'

const maps = '/api/v1/namespaces/default/configmaps'

async function withMaps(...names: string[]): Promise<TestServer> {
  const s = await startServer()
  for (const name of names)
    await s.send('POST', maps, { metadata: { name, labels: { odd: String(name.charCodeAt(0) % 2) } } })
  return s
}

const list = (s: TestServer, query: Record<string, string>) => s.send<KubeList>('GET', maps, undefined, { query })
const namesOf = (found: KubeList) => found.items.map(item => item.metadata.name).join('')

test('chunks show the state of the first one', async () => {
  await using s = await withMaps('a', 'b', 'c', 'd', 'e')
  const first = await list(s, { limit: '2' })
  expect(namesOf(first)).toBe('ab')
  expect(first.metadata.remainingItemCount).toBe(3)
  await s.send('DELETE', `${maps}/d`)
  const second = await list(s, { limit: '2', continue: first.metadata.continue! })
  expect(namesOf(second)).toBe('cd')
  expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  const last = await list(s, { limit: '2', continue: second.metadata.continue! })
  expect(namesOf(last)).toBe('e')
  expect(last.metadata).toEqual({ resourceVersion: first.metadata.resourceVersion })
  expect(JSON.parse(Buffer.from(first.metadata.continue!, 'base64url').toString())).toEqual({
    v: 'meta.k8s.io/v1',
    rv: Number(first.metadata.resourceVersion),
    start: 'b\0',
  })
})

test('chunks with a selector are full and do not count the rest', async () => {
  await using s = await withMaps('a', 'b', 'c', 'd', 'e', 'f')
  const first = await list(s, { limit: '2', labelSelector: 'odd=1' })
  expect(namesOf(first)).toBe('ac')
  expect(first.metadata.remainingItemCount).toBeUndefined()
  expect(namesOf(await list(s, { limit: '2', labelSelector: 'odd=1', continue: first.metadata.continue! }))).toBe('e')
})

test('a token whose revision is gone comes back with one for the rest of the present state', async () => {
  await using s = await withMaps('a', 'b', 'c')
  const first = await list(s, { limit: '1' })
  await s.send('DELETE', `${maps}/b`)
  await s.store.compact(s.store.revision)
  const expired = await s.refused('GET', maps, undefined, { query: { limit: '1', continue: first.metadata.continue! } })
  expect(expired.status).toMatchObject({ code: 410, reason: 'Expired' })
  const rest = await list(s, { continue: expired.status.metadata.continue! })
  expect(namesOf(rest)).toBe('c')
})

test('lists are of the revision that is asked for', async () => {
  await using s = await withMaps('a', 'b')
  const before = await list(s, {})
  await s.send('DELETE', `${maps}/a`)
  const { resourceVersion } = before.metadata
  expect(namesOf(await list(s, { resourceVersion, resourceVersionMatch: 'Exact' }))).toBe('ab')
  expect(namesOf(await list(s, { resourceVersion, resourceVersionMatch: 'NotOlderThan' }))).toBe('b')
  expect(namesOf(await list(s, { resourceVersion: '0' }))).toBe('b')
  const future = await s.refused('GET', maps, undefined, { query: { resourceVersion: '999999' } })
  expect(future.status).toMatchObject({
    code: 504,
    reason: 'Timeout',
    details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
  })
})

test.each([
  [{ resourceVersionMatch: 'Exact' }, 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
  [{ resourceVersionMatch: 'Exact', resourceVersion: '0' }, 422, 'forbidden for resourceVersion "0"'],
  [{ resourceVersionMatch: 'Newest', resourceVersion: '1' }, 422, 'Unsupported value: "Newest"'],
  [{ sendInitialEvents: 'true' }, 422, 'sendInitialEvents is forbidden for list'],
  [{ resourceVersion: 'x' }, 400, 'resourceVersion'],
  [{ continue: 'nonsense' }, 400, 'continue key is not valid'],
  [{ continue: encodeContinue({ revision: 999_999, after: 'a' }) }, 504, 'Too large resource version: 999999'],
  [{ fieldSelector: 'spec.none=b' }, 400, '"spec.none" is not a known field selector'],
  [{ labelSelector: 'a===b' }, 400, ''],
])('%o is refused', async (query, code, text) => {
  await using s = await withMaps()
  const error = await s.refused('GET', maps, undefined, { query: query })
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(text)])
})

test('field selectors find by name and by value', async () => {
  await using s = await withMaps('a', 'b')
  expect(namesOf(await list(s, { fieldSelector: 'metadata.name=b' }))).toBe('b')
  expect(namesOf(await list(s, { fieldSelector: 'metadata.name=b,metadata.namespace!=default' }))).toBe('')
  expect(namesOf(await list(s, { fieldSelector: 'metadata.name!=b,metadata.namespace=default' }))).toBe('a')
})

test('a list can be a table or metadata alone', async () => {
  await using s = await withMaps('a')
  const as = (form: string) => ({ headers: { accept: `application/json;as=${form};g=meta.k8s.io;v=v1` } })
  const table = await s.send<Table>('GET', maps, undefined, as('Table'))
  expect(table.columnDefinitions.map(column => column.name)).toEqual(['Name', 'Data', 'Age'])
  expect(table.rows[0]).toMatchObject({
    cells: ['a', 0, expect.any(String)],
    object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } },
  })
  const partial = await s.send<KubeList>('GET', maps, undefined, as('PartialObjectMetadataList'))
  expect(partial).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'a' } }] })
  const older = { headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1beta1' } }
  for (const path of [maps, `${maps}/a`]) {
    expect(await s.send('GET', path, undefined, older)).toMatchObject({
      apiVersion: 'meta.k8s.io/v1beta1',
      rows: [{ cells: table.rows[0]?.cells, object: { apiVersion: 'meta.k8s.io/v1beta1' } }],
    })
  }
  const unknown = { headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v2' } }
  expect((await s.refused('GET', maps, undefined, unknown)).code).toBe(406)
  const none = await s.refused('GET', maps, undefined, { headers: { accept: 'text/html' } })
  expect(none.status).toMatchObject({ code: 406, reason: 'NotAcceptable' })
})
