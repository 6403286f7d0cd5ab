import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../../shared/machinery/json-value.ts'
import { readFields } from '../../../shared/machinery/protobuf-reader.ts'
import { decodeProtobuf } from '../codec/protobuf.ts'
import { adminTls, startListening } from '../testing/ask.ts'

type Server = Awaited<ReturnType<typeof startListening>>

const maps = '/api/v1/namespaces/default/configmaps'
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const protobuf = 'application/vnd.kubernetes.protobuf'

async function open(s: Server, path: string, accept = protobuf): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port: s.port, path, agent: false, ...adminTls(s), headers: { accept } })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return response
}

async function get(s: Server, path: string, accept?: string) {
  const response = await open(s, path, accept)
  const body = Buffer.concat((await response.toArray()) as Buffer[])
  return { status: response.statusCode, type: response.headers['content-type'], body }
}

test('who takes nothing but protobuf gets objects and lists in it', async () => {
  await using s = await startListening()
  const made = await s.send<JsonObject>('POST', maps, { metadata: { name: 'a' }, data: { k: 'v' } })
  const one = await get(s, `${maps}/a`)
  expect([one.status, one.type, decodeProtobuf(one.body)]).toEqual([200, protobuf, made])
  const list = await get(s, maps)
  const { kind: _, apiVersion: __, ...item } = made
  expect(decodeProtobuf(list.body)).toMatchObject({ kind: 'ConfigMapList', items: [item] })
  const partial = await get(s, maps, `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`)
  expect(decodeProtobuf(partial.body)).toMatchObject({ items: [{ metadata: made['metadata'] }] })
})

test('who takes JSON, too, gets JSON', async () => {
  await using s = await startListening()
  for (const accept of [`${protobuf},application/json`, `${protobuf},*/*`]) {
    expect((await get(s, maps, accept)).type).toBe('application/json')
  }
})

test('what has no message is not acceptable: Tables, custom resources', async () => {
  await using s = await startListening()
  const names = { plural: 'things', kind: 'Thing' }
  const schema = { openAPIV3Schema: { type: 'object' } }
  const versions = [{ name: 'v1', served: true, storage: true, schema }]
  const spec = { group: 'example.com', scope: 'Cluster', names, versions }
  const made = { metadata: { name: 'things.example.com' }, spec }
  await s.send('POST', definitions, made)
  await expect.poll(async () => (await get(s, '/apis/example.com/v1/things', 'application/json')).status).toBe(200)
  expect((await get(s, '/apis/example.com/v1/things')).status).toBe(406)
  expect((await get(s, '/apis/example.com/v1/things?watch=1')).status).toBe(406)
  expect((await get(s, maps, `${protobuf};as=Table;g=meta.k8s.io;v=v1`)).status).toBe(406)
})

test('a watch sends each event after its length', async () => {
  await using s = await startListening()
  const response = await open(s, `${maps}?watch=1&resourceVersion=${s.store.revision}`)
  expect(response.headers['content-type']).toBe(`${protobuf};stream=watch`)
  await s.send('POST', maps, { metadata: { name: 'a' } })
  const [bytes] = (await once(response, 'data')) as [Buffer]
  response.destroy()
  expect(bytes.readUInt32BE()).toBe(bytes.length - 4)
  const [type, object] = readFields(bytes.subarray(4)).map(({ value }) => value as Uint8Array)
  expect(Buffer.from(type ?? []).toString()).toBe('ADDED')
  const [raw] = readFields(object ?? new Uint8Array())
  expect(decodeProtobuf(Buffer.from(raw?.value as Uint8Array))).toMatchObject({
    kind: 'ConfigMap',
    metadata: { name: 'a' },
  })
})
