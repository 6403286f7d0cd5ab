import { expect, test } from 'vitest'
import type { ServerRequest } from '../request.ts'
import { readDecoded } from './body.ts'

const request = (type: string, text: string): ServerRequest => ({
  method: 'POST',
  path: '/',
  query: new URLSearchParams(),
  headers: { 'content-type': type },
  body: { read: () => Promise.resolve(Buffer.from(text)) },
  signal: new AbortController().signal,
  upgrade: false,
})

const yaml = async (text: string) => (await readDecoded(request('application/yaml', text), { strict: false }))?.value

// What sigs.k8s.io/yaml makes of each.
test.each([
  ['yes', true],
  ['Y', true],
  ['on', true],
  ['TRUE', true],
  ['no', false],
  ['n', false],
  ['Off', false],
  ['yEs', 'yEs'],
  ['"yes"', 'yes'],
  ['!!str yes', 'yes'],
  ['017', 15],
  ['-017', -15],
  ['0o17', 15],
  ['0x1F', 31],
  ['0b11', 3],
  ['018', 18],
  ['1_000', 1000],
  ['+1', 1],
  ['0', 0],
  ['1e3', 1000],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1.', 1],
  ['1:30', '1:30'],
  ['2001-01-01', '2001-01-01'],
  ['1.2.3', '1.2.3'],
  ['~', null],
  ['', null],
  ['null', null],
  ['x', 'x'],
])('the YAML scalar %j is %j', async (text, value) => {
  expect(await yaml(`a: ${text}\n`)).toEqual({ a: value })
})

test('a YAML key is the text of its value', async () => {
  expect(await yaml('on: 1\nn: 2\n017: 3\n')).toEqual({ true: 1, false: 2, 15: 3 })
})

test('YAML merges maps, and explicit tags count', async () => {
  expect(await yaml('a: &a {b: 1}\nc: {<<: *a, d: 2}\n')).toMatchObject({ c: { b: 1, d: 2 } })
})

const deep = (levels: number) => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels)

test.each(['application/json', 'application/yaml'])('%s nests as deep as the server can walk', async type => {
  expect(await readDecoded(request(type, deep(400)), { strict: true })).toBeDefined()
  for (const levels of [501, 1001, 5000, 100_000]) {
    await expect(readDecoded(request(type, deep(levels)), { strict: true })).rejects.toMatchObject({
      code: 400,
      message: expect.stringMatching(/exceeded max depth$/) as string,
    })
  }
})

test.each([
  ['application/json', '{"a":9007199254740993}', 9007199254740993n],
  ['application/yaml', 'a: 9007199254740993', 9007199254740993n],
  ['application/yaml', 'a: -0x20000000000001', -9007199254740993n],
  ['application/yaml', 'a: 0777777777777777777777', 9223372036854775807n],
])('%s: an integer that no number holds is kept: %s', async (type, text, a) => {
  expect(await readDecoded(request(type, text), { strict: true })).toMatchObject({ value: { a }, textFaults: [] })
})

test.each(['{[a]: b}', '? {a: b}\n: c', 'a: &x [1]\n*x : 1'])(
  'YAML with a list or map for a key is refused: %j',
  async text => {
    await expect(yaml(text)).rejects.toMatchObject({
      code: 400,
      message: 'error converting YAML to JSON: yaml: invalid map key',
    })
  },
)

test('a body of more values than the server checks is refused', async () => {
  const text = `[${Array(250_000).fill('{}').join()}]`
  await expect(readDecoded(request('application/json', text), { strict: false })).rejects.toMatchObject({
    code: 413,
    message: 'Request entity too large: limit is 250000 values',
  })
})
