import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readFields } from '../../../shared/machinery/protobuf-reader.ts'
import type { ServerResponse } from '../request.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'
import { openApiV2Message } from './openapi-v2-message.ts'

const fixture = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url))
const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

function get(s: TestServer, headers: Record<string, string>): Promise<ServerResponse> {
  return s.server.handle({
    method: 'GET',
    path: '/openapi/v2',
    query: new URLSearchParams(),
    headers,
    user: { name: 'jane', groups: ['system:masters'] },
    body: { value: undefined },
    signal: new AbortController().signal,
    upgrade: false,
  })
}

test("the message is gnostic's, byte for byte", () => {
  // Made in Go: openapi_v2.ParseDocument of the JSON, then proto.Marshal.
  const expected = fixture('openapi-v2.binpb')
  const document: unknown = JSON.parse(fixture('openapi-v2.json').toString())
  expect(openApiV2Message(document).toString('hex')).toBe(expected.toString('hex'))
})

test('a member that has no field in the message is not left out in silence', () => {
  expect(() => openApiV2Message({ swagger: '2.0', basePath: '/' })).toThrow('no field for basePath')
})

test.for([protobuf, protobuf.replace('v2.v1', 'v2@v1')])('the whole document as %s', async accept => {
  await using s = await startServer()
  const asJson = await get(s, { accept: `application/json, ${accept}` })
  const answer = await get(s, { accept: `${accept}, application/json;q=0.5` })
  if (!('body' in asJson) || !('body' in answer)) throw new Error('no document')
  expect(answer.headers['content-type']).toBe(protobuf)
  expect(answer.headers['etag']).toBe(asJson.headers['etag'])

  const document = JSON.parse(Buffer.concat(asJson.body.chunks()).toString()) as Record<'paths' | 'definitions', object>
  const message = readFields(Buffer.concat(answer.body.chunks()))
  const namesAt = (member: number, entries: number) => {
    const content = message.find(field => field.number === member)?.value as Uint8Array
    return readFields(content).map(entry => {
      expect(entry.number).toBe(entries)
      return Buffer.from(readFields(entry.value as Uint8Array)[0]?.value as Uint8Array).toString()
    })
  }
  expect(namesAt(8, 2)).toEqual(Object.keys(document.paths))
  expect(namesAt(9, 1)).toEqual(Object.keys(document.definitions))

  const etag = answer.headers['etag'] ?? ''
  expect((await get(s, { accept, 'if-none-match': etag })).status).toBe(304)
})

test('JSON is what clients without a preference get, and other types are refused', async () => {
  await using s = await startServer()
  for (const accept of ['', '*/*', 'application/*'])
    expect((await get(s, { accept })).headers['content-type']).toBe('application/json')
  expect((await get(s, { accept: 'text/html' })).status).toBe(406)
})

test('fields that take only some values say which, in both documents', async () => {
  await using s = await startServer()
  const values = ['Always', 'IfNotPresent', 'Never']
  interface Document {
    definitions: Record<string, { properties: Record<string, object> }>
    components: { schemas: Record<string, { properties: Record<string, object> }> }
  }
  const name = 'io.k8s.api.core.v1.Container'
  const v2 = await s.send<Document>('GET', '/openapi/v2')
  expect(v2.definitions[name]?.properties['imagePullPolicy']).toMatchObject({ type: 'string', enum: values })
  const v3 = await s.send<Document>('GET', '/openapi/v3/api/v1')
  expect(v3.components.schemas[name]?.properties['imagePullPolicy']).toMatchObject({ type: 'string', enum: values })
  const modes = v2.definitions['io.k8s.api.core.v1.PersistentVolumeClaimSpec']?.properties['accessModes']
  expect(modes).toMatchObject({ items: { enum: expect.arrayContaining(['ReadWriteMany']) as string[] } })
})
