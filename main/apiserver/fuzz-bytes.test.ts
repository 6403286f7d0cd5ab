import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerRequest } from './request.ts'
import { adminTls, ask, startListening } from './testing/ask.ts'
import { listeningLog } from './testing/listening-log.ts'
import { startServer } from './testing/start-server.ts'

// Whatever bytes come as a body, a query or a frame, the answer is no fault of the server.

const maps = '/api/v1/namespaces/default/configmaps'
const json = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"b":"c"}},"data":{"d":"e"}}'
const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: &b {b: c}}\ndata: {<<: *b, d: |-\n  e}\n'
const directory = new URL('../../shared/machinery/testdata/protobuf/', import.meta.url)
const recorded = readdirSync(directory).filter(name => name.endsWith('.pb'))
const seeds: [type: string, bytes: Buffer][] = [
  ['json', Buffer.from(json)],
  ['yaml', Buffer.from(yaml)],
  ['merge-patch+json', Buffer.from(json)],
  ['strategic-merge-patch+json', Buffer.from(json)],
  [
    'json-patch+json',
    Buffer.from('[{"op":"copy","from":"/data/d","path":"/data/f"},{"op":"remove","path":"/data/d"}]'),
  ],
  ['apply-patch+yaml', Buffer.from(yaml)],
  ...recorded.map((name): [string, Buffer] => ['vnd.kubernetes.protobuf', readFileSync(new URL(name, directory))]),
]

/** Bytes in which some are replaced, or from which some on are left out. */
const mutation = fc.record({
  places: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 6 }),
  length: fc.option(fc.nat(), { freq: 4 }),
})
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

function mutated(bytes: Buffer, { places, length }: Mutation): Buffer {
  const copy = Buffer.from(bytes)
  for (const { at, byte } of places) copy[at % copy.length] = byte
  return length === null ? copy : copy.subarray(0, length % copy.length)
}

function request(given: Partial<ServerRequest>): ServerRequest {
  return {
    method: 'GET',
    path: maps,
    query: new URLSearchParams(),
    headers: {},
    user: { name: 'fuzz', groups: ['system:masters', 'system:authenticated'] },
    body: { value: undefined },
    signal: new AbortController().signal,
    upgrade: false,
    ...given,
  }
}

test('no bytes of a body make the server fail', { timeout: 60_000 }, async () => {
  const { errors, log } = listeningLog()
  await using s = await startServer({ log })
  await s.send('POST', maps, { metadata: { name: 'a' }, data: { d: 'e' } })
  const property = fc.asyncProperty(fc.constantFrom(...seeds), mutation, async ([type, bytes], change) => {
    const isPatch = type.includes('patch')
    const answer = await s.server.handle(
      request({
        method: isPatch ? 'PATCH' : 'POST',
        path: isPatch ? `${maps}/a` : maps,
        query: new URLSearchParams('fieldManager=fuzz&fieldValidation=Strict&dryRun=All'),
        headers: { 'content-type': `application/${type}` },
        body: { read: () => Promise.resolve(mutated(bytes, change)) },
      }),
    )
    // What can't be made an object of the kind by applying it is a 500 of upstream's, too.
    expect(answer.status).toBeLessThan(type.startsWith('apply') ? 501 : 500)
    expect(errors).toEqual([])
  })
  await fc.assert(property, { numRuns: 1500, seed: 1 })
})

const word = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('a=b', 'a in (b,c)', '!a', 'a,', '(', 'metadata.name=a', 'metadata.name!=', '0', '-1', 'true', 'All'),
  fc.constantFrom(
    'Exact',
    'NotOlderThan',
    'Strict',
    '99999999999999999999',
    '\0',
    '%zz',
    'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ',
  ),
)
const parameter = fc.constantFrom(
  ...['labelSelector', 'fieldSelector', 'limit', 'continue', 'resourceVersionMatch', 'includeObject', 'pretty'],
  ...['dryRun', 'fieldManager', 'fieldValidation', 'propagationPolicy', 'gracePeriodSeconds', 'sendInitialEvents'],
)

test('no query and no header makes the server fail', { timeout: 60_000 }, async () => {
  const { errors, log } = listeningLog()
  await using s = await startServer({ log })
  const given = fc.record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'DELETE'),
    path: fc.oneof(fc.constantFrom(maps, `${maps}/a`, '/api/v1/nodes', '/apis'), fc.webPath()),
    query: fc.array(fc.tuple(parameter, word), { maxLength: 4 }),
    accept: fc.oneof(word, fc.constant('application/json;as=Table;g=meta.k8s.io;v=v1,*/*;q=x')),
  })
  const property = fc.asyncProperty(given, async ({ method, path, query, accept }) => {
    const body = { value: method === 'POST' ? { metadata: { name: 'b' } } : undefined }
    const answer = await s.server.handle(
      request({ method, path, query: new URLSearchParams(query), headers: { accept }, body }),
    )
    expect(answer.status).toBeLessThan(500)
    expect(errors).toEqual([])
  })
  await fc.assert(property, { numRuns: 1500, seed: 1 })
})

test('no frame on a WebSocket makes the server fail', { timeout: 60_000 }, async () => {
  const { errors, log } = listeningLog()
  await using s = await startListening({ log })
  const frames = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 4 })
  const property = fc.asyncProperty(frames, async parts => {
    const socket = new WebSocket(`wss://127.0.0.1:${s.port}${maps}?watch=1`, { ...adminTls(s), origin: 'http://a' })
    const gone = new Promise(resolve => socket.once('close', resolve))
    socket.on('error', () => undefined)
    socket.once('upgrade', ({ socket: bare }) => {
      for (const part of parts) bare.write(part)
      bare.end()
    })
    await gone
    expect(errors).toEqual([])
  })
  await fc.assert(property, { numRuns: 40, seed: 1 })
  expect((await ask(s, '/readyz')).body).toBe('ok')
})
