import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Status } from '../../shared/api/object.ts'
import { createApi, type Api, type Ask } from '../helpers/api.ts'
import { startEngine, type Engine } from '../helpers/engine.ts'
import { createKubectl, type Kubectl } from '../helpers/kubectl.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const kept = `${maps}/kept`

const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map(part => Buffer.from(part as string)))
const post = (body: Ask['body'], type = 'json'): Ask => ({
  method: 'POST',
  body: body ?? '',
  headers: { 'content-type': `application/${type}` },
})
const patch = (type: string, body: string): Ask => ({
  method: 'PATCH',
  body,
  headers: { 'content-type': `application/${type}-patch+json` },
})
const protobuf = (...parts: (string | number[])[]) => post(bytes(...parts), 'vnd.kubernetes.protobuf')
/** The envelope's type, as client-go writes it. */
const typed = (kind: string) => ['k8s\0', [10, 6 + kind.length, 10, 2], 'v1', [18, kind.length], kind]
const apply = (name: string): Ask => ({
  method: 'PATCH',
  body: `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}}`,
  headers: { 'content-type': 'application/apply-patch+yaml' },
})
const manyTests = JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/a', value: 'b' })))
const gzipped = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
const tableOf = (version: string) => `application/json;as=Table;g=meta.k8s.io;v=${version}`
const named = (name: string, rest: object = {}) => ({ metadata: { name }, ...rest })
const pod = (spec: object) => post(named('p', { spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }))
const token = (content: string) => Buffer.from(content).toString('base64url')

const tokenAt = (rv: number, start = 'a') => token(JSON.stringify({ v: 'meta.k8s.io/v1', rv, start }))

/** Codes, reasons and words are upstream's; `fields` are the causes' paths. */
interface Expected {
  code: number
  reason: string
  says?: string
  fields?: string[]
}
const bad = (says: string): Expected => ({ code: 400, reason: 'BadRequest', says })
const invalid = (...fields: string[]): Expected => ({ code: 422, reason: 'Invalid', fields })
const rejected = {
  code: 422,
  reason: 'Invalid',
  says: 'the server rejected our request due to an error in our request',
}
const notAllowed = { code: 405, reason: 'MethodNotAllowed' }
const notAcceptable = { code: 406, reason: 'NotAcceptable' }
const timeout = { code: 504, reason: 'Timeout', says: 'Too large resource version' }
const missing = { code: 404, reason: 'NotFound' }
const tooLarge = { code: 413, reason: 'RequestEntityTooLarge', says: 'limit is 3145728' }
const unsupported = { code: 415, reason: 'UnsupportedMediaType', says: 'accepted media types include' }
const conflict = { code: 409, reason: 'Conflict' }

const over = Buffer.alloc(3 * 2 ** 20 + 1, 'x')
/** Each alias doubles or more: a few lines that would fill the memory. */
const laughs = Array.from({ length: 9 }, (_, at) =>
  at === 0
    ? 'a0: &a0 [x,x,x,x,x,x,x,x,x]'
    : `a${at}: &a${at} [${Array(9)
        .fill(`*a${at - 1}`)
        .join()}]`,
).join('\n')

const cases: [string, string, Ask, Expected][] = [
  ['JSON that ends early', maps, post('{"metadata":'), bad('json parse error')],
  ['bytes that are no text', maps, post(bytes([0xff, 0xfe, 0])), bad('json parse error')],
  ['null for an object', maps, post('null'), bad('must be of type ConfigMap')],
  ['a list for an object', maps, post('[]'), bad('must be of type ConfigMap')],
  ['no body', maps, post(''), bad('must be of type ConfigMap')],
  ['nesting without an end', maps, post('['.repeat(100_000)), bad('json parse error')],
  ['a zero after the object', maps, post('{}\0'), bad('json parse error')],
  ['a zero in a text', maps, post('{"metadata":{"name":"a\0b"}}'), bad('json parse error')],
  ['a byte order mark', maps, post('\ufeff{}'), bad('json parse error')],
  ['two objects', maps, post('{}{}'), bad('json parse error')],
  ['a comment', maps, post('/* */{}'), bad('json parse error')],
  ['text that is no UTF-8', maps, post(bytes('{"metadata":{"name":"', [0xff, 0xfe], '"}}')), invalid('metadata.name')],
  [
    'nesting that is too deep',
    maps,
    post(`${'{"a":'.repeat(10_001)}1${'}'.repeat(10_001)}`),
    bad('exceeded max depth'),
  ],
  ['a body that is packed', maps, { ...post(gzipSync('{}')), headers: gzipped }, bad('json parse error')],
  ['YAML that ends early', maps, post('a: [1', 'yaml'), bad('error converting YAML to JSON')],
  ['a YAML alias to nowhere', maps, post('a: *b', 'yaml'), bad('error converting YAML to JSON')],
  ['YAML aliases that explode', maps, post(laughs, 'yaml'), bad('error converting YAML to JSON')],
  ['a media type that nobody reads', maps, post('{}', 'x-nothing'), unsupported],
  ['a media type of two', maps, post('{}', 'json, application/yaml'), unsupported],
  ['any media type', maps, { ...post('{}'), headers: { 'content-type': '*/*' } }, unsupported],
  ['no media type but its parameters', maps, { ...post('{}'), headers: { 'content-type': ';a=b' } }, unsupported],
  ['an answer that nobody makes', maps, { headers: { accept: 'text/html' } }, notAcceptable],
  ['a table of another version', maps, { headers: { accept: tableOf('v9') } }, notAcceptable],
  ['protobuf without its prefix', maps, protobuf('nonsense'), bad('does not appear to be a protobuf message')],
  ['protobuf cut short', maps, protobuf('k8s\0', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), bad('unexpected EOF')],
  [
    'protobuf that steps back for ever',
    maps,
    protobuf('k8s\0', [0x0a, 0xf5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    bad('negative length'),
  ],
  [
    'protobuf of an unknown kind',
    maps,
    protobuf('k8s\0', [10, 10, 10, 2], 'v1', [18, 4], 'Nope'),
    bad('no kind "Nope" is registered for version "v1"'),
  ],
  ['protobuf of another kind', maps, protobuf(...typed('Pod')), bad('cannot be handled as a ConfigMap')],
  [
    'protobuf whose object is cut short',
    maps,
    protobuf(...typed('ConfigMap'), [18, 4, 10, 99, 1, 1]),
    bad('unexpected EOF'),
  ],
  ['protobuf of a wrong wire type', maps, protobuf(...typed('ConfigMap'), [18, 2, 8, 5]), bad('wireType')],
  ['protobuf of groups', maps, protobuf(...typed('ConfigMap'), [18, 2, 0x0b, 0x0c]), bad('wireType')],
  [
    'JSON that says it is protobuf',
    maps,
    post('{}', 'vnd.kubernetes.protobuf'),
    bad('does not appear to be a protobuf message'),
  ],
  ['more values than anyone sends', maps, post(`[${'{},'.repeat(300_000)}{}]`), { ...tooLarge, says: '250000 values' }],
  ['a YAML map for a key', maps, post('{{a: b}: c}', 'yaml'), bad('invalid map key')],
  ['a body over 3 MiB', maps, post(over), tooLarge],
  ['a patch over 3 MiB', kept, { ...patch('merge', ''), body: over }, tooLarge],
  ['more data than a ConfigMap holds', maps, post(named('x', { data: { a: 'x'.repeat(2 ** 21) } })), invalid('[]')],

  ['an unknown resource', '/api/v1/namespaces/default/widgets', {}, missing],
  ['an unknown version', '/apis/apps/v9/deployments', {}, missing],
  ['an unknown subresource', `${kept}/nothing`, {}, missing],
  ['a subresource of a subresource', `${pods}/p/status/more`, {}, missing],
  ['a path with a gap', '/api//v1/namespaces/default', {}, missing],
  ['a name with a percent sign', `${maps}/a%25b`, {}, bad(`may not contain '%'`)],
  ['a name with a slash', `${maps}/a%2Fb`, {}, bad(`may not contain '/'`)],
  ['a name of a zero', `${maps}/%00`, {}, missing],
  ['a name without an end', `${maps}/${'a'.repeat(50_000)}`, {}, missing],
  ['a path that ends in half a sign', `${maps}/%4`, {}, bad('not well escaped')],
  ['a path that is no UTF-8', `${maps}/%ff`, {}, bad('not well escaped')],
  ['an unknown group', '/apis/example.com/v1/widgets', {}, missing],
  [
    'another kind than the path',
    maps,
    post({ apiVersion: 'v1', kind: 'Pod' }),
    bad('cannot be handled as a ConfigMap'),
  ],
  ['another version than the path', maps, post({ apiVersion: 'v2', kind: 'ConfigMap' }), bad('does not match')],
  ['a namespace that is not there', maps.replace('default', 'none'), post(named('x')), missing],
  ['a path that is badly escaped', `${maps}/%zz`, {}, bad('not well escaped')],
  ['PUT on a collection', maps, { method: 'PUT', body: {} }, notAllowed],
  ['POST on an object', kept, post('{}'), notAllowed],
  ['POST in no namespace', '/api/v1/configmaps', post('{}'), notAllowed],
  ['a method that nobody knows', maps, { method: 'MKCOL' }, notAllowed],

  ['a number for a string', maps, post(named('x', { data: { a: 1 } })), bad('ConfigMap.data of type string')],
  [
    'a string for a number',
    deployments,
    post(named('d', { spec: { replicas: '3' } })),
    bad('spec.replicas of type int32'),
  ],
  ['a fraction for an integer', pods, pod({ terminationGracePeriodSeconds: 1.5 }), bad('of type int64')],
  ['a number that is too large', pods, pod({ priority: 1e20 }), bad('of type int32')],
  [
    'an integer beyond 2^53',
    pods,
    post('{"spec":{"activeDeadlineSeconds":9007199254740993}}'),
    bad('9007199254740993'),
  ],
  ['a string for a list', pods, pod({ containers: 'x' }), bad('spec.containers of type []v1.Container')],
  ['base64 that is none', maps, post(named('x', { binaryData: { a: '%%' } })), bad('illegal base64 data')],
  [
    'a quantity that is none',
    pods,
    pod({ containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: 'lots' } } }] }),
    bad('quantities must match the regular expression'),
  ],
  ['an invalid name', maps, post(named('X_y')), invalid('metadata.name')],
  ['a name that is too long', maps, post(named('a'.repeat(254))), invalid('metadata.name')],
  ['no name', maps, post({}), invalid('metadata.name')],
  ['an invalid label', maps, post({ metadata: { name: 'x', labels: { k: 'not valid' } } }), invalid('metadata.labels')],
  ['an invalid key', maps, post(named('x', { data: { 'a b': '' } })), invalid('data[a b]')],
  ['no containers', pods, post(named('p')), invalid('spec.containers')],
  [
    'several faults, all of them told',
    pods,
    pod({ containers: [{ name: 'C!', image: '' }], restartPolicy: 'Sometimes' }),
    invalid('spec.containers[0].name', 'spec.containers[0].image', 'spec.restartPolicy'),
  ],
  ['a negative scale', deployments, post(named('d', { spec: { replicas: -1 } })), invalid('spec.replicas')],
  ['a Binding without a target', `${pods}/none/binding`, post({ target: {} }), invalid('target.name')],

  ['unknown and duplicate fields', `${maps}?fieldValidation=Strict`, post('{"a":1,"a":2}'), bad('duplicate field "a"')],
  ['a YAML key given twice', `${maps}?fieldValidation=Strict`, post('data: {a: x, a: z}', 'yaml'), bad('already set')],
  ['fieldValidation of no known kind', `${maps}?fieldValidation=Some`, post(named('x')), invalid('fieldValidation')],
  ['dryRun of no known kind', `${maps}?dryRun=Some`, post(named('x')), invalid('dryRun')],

  ['a limit that is no number', `${maps}?limit=ten`, {}, bad('parsing "ten": invalid syntax')],
  ['a limit beyond all numbers', `${maps}?limit=99999999999999999999`, {}, bad('value out of range')],
  ['a limit of nothing whole', `${maps}?limit=1.5`, {}, bad('invalid syntax')],
  ['a time limit that is no number', `${maps}?watch=1&timeoutSeconds=soon`, {}, bad('invalid syntax')],
  ['a continue token to come', `${maps}?continue=${tokenAt(9_999_999)}`, {}, timeout],
  ['a continue token that leads up', `${maps}?continue=${tokenAt(1, '../a')}`, {}, bad('continue key is not valid')],
  ['a continue token of another version', `${maps}?continue=${token('{"v":"v9"}')}`, {}, bad('encoded version')],
  [
    'a continue token and a revision',
    `${maps}?resourceVersion=5&continue=${tokenAt(1)}`,
    {},
    bad('when using continue'),
  ],
  ['a continue token that is no token', `${maps}?continue=xyz`, {}, bad('continue key is not valid')],
  ['a continue token of nothing', `${maps}?continue=${token('null')}`, {}, bad('continue key is not valid')],
  [
    'a continue token between two revisions',
    `${maps}?continue=${token('{"v":"meta.k8s.io/v1","rv":1.5,"start":"a"}')}`,
    {},
    bad('incorrect encoded start resourceVersion'),
  ],
  ['a resourceVersion that is no number', `${maps}?resourceVersion=x`, {}, bad('resourceVersion: Invalid value: "x"')],
  ['a negative resourceVersion', `${maps}?watch=1&resourceVersion=-1`, {}, bad('Invalid value: "-1"')],
  ['a resourceVersion to come', `${maps}?resourceVersion=99999999`, {}, timeout],
  [
    'a match of no known kind',
    `${maps}?resourceVersion=1&resourceVersionMatch=Some`,
    {},
    invalid('resourceVersionMatch'),
  ],
  ['exactly any revision', `${maps}?resourceVersion=0&resourceVersionMatch=Exact`, {}, invalid('resourceVersionMatch')],
  [
    'a match for a watch',
    `${maps}?watch=1&resourceVersion=1&resourceVersionMatch=NotOlderThan`,
    {},
    invalid('resourceVersionMatch'),
  ],
  ['initial events of a list', `${maps}?sendInitialEvents=true`, {}, invalid('sendInitialEvents')],
  ['initial events of anything', `${maps}?watch=1&sendInitialEvents=true`, {}, invalid('resourceVersionMatch')],
  ['resourceVersionMatch alone', `${maps}?resourceVersionMatch=Exact`, {}, invalid('resourceVersionMatch')],
  ['a broken label selector', `${maps}?labelSelector=a%20in%20(`, {}, bad('unable to parse requirement')],
  ['a broken field selector', `${maps}?fieldSelector=a`, {}, bad("can't understand 'a'")],
  ['a label key that is too long', `${maps}?labelSelector=${'a'.repeat(64)}`, {}, bad('must be no more than 63')],
  ['a label value that is too long', `${maps}?labelSelector=a%3D${'b'.repeat(64)}`, {}, bad('must be no more than 63')],
  ['a label compared with a word', `${maps}?labelSelector=a%3Eb`, {}, bad('must be an integer')],
  ['no label at all', `${maps}?labelSelector=%21`, {}, bad('unable to parse requirement')],
  [
    'a manager whose name is too long',
    `${maps}?fieldManager=${'a'.repeat(129)}`,
    post(named('x')),
    invalid('fieldManager'),
  ],
  ['a manager whose name can not be printed', `${maps}?fieldManager=a%0Ab`, post(named('x')), invalid('fieldManager')],
  ['a policy of no known kind', `${kept}?propagationPolicy=Some`, { method: 'DELETE' }, invalid('propagationPolicy')],
  ['a grace period that is no number', `${kept}?gracePeriodSeconds=soon`, { method: 'DELETE' }, bad('invalid syntax')],
  ['a field nobody can select by', `${maps}?fieldSelector=data%3D1`, {}, bad('"data" is not a known field selector')],

  ['a patch of no known type', kept, { method: 'PATCH', body: '{}' }, { ...unsupported, says: '' }],
  ['a patch that ends early', kept, patch('merge', '{'), bad('error decoding patch: unexpected end of JSON input')],
  ['a merge patch that is a list', kept, patch('merge', '[]'), bad('cannot unmarshal array')],
  ['a JSON patch that is an object', kept, patch('json', '{}'), bad('cannot unmarshal object')],
  ['an unknown operation', kept, patch('json', '[{"op":"frob","path":"/data"}]'), rejected],
  ['more operations than anyone sends', kept, patch('json', manyTests), { ...tooLarge, says: 'is 10000, got 10001' }],
  ['force without an apply', `${kept}?force=true`, patch('merge', '{}'), invalid('force')],
  ['a directive of a wrong type', kept, patch('strategic-merge', '{"data":{"$retainKeys":"x"}}'), bad('retainKeys')],
  ['an apply without a manager', kept, apply('kept'), invalid('fieldManager')],
  ['an apply of another object', `${kept}?fieldManager=a`, apply('other'), bad('does not match the name on the URL')],
  ['an apply of half a map', `${kept}?fieldManager=a`, apply('['), bad('error decoding YAML')],
  ['a path that is not there', kept, patch('json', '[{"op":"remove","path":"/data/none"}]'), rejected],
  ['a test that fails', kept, patch('json', '[{"op":"test","path":"/data/a","value":"c"}]'), rejected],
  ['a patch into a wrong type', kept, patch('strategic-merge', '{"data":5}'), invalid('patch')],
  [
    'a patch that renames',
    kept,
    patch('merge', '{"metadata":{"name":"z"}}'),
    bad('does not match the name on the URL'),
  ],
  [
    'a strict patch with an unknown field',
    `${kept}?fieldValidation=Strict`,
    patch('merge', '{"a":1}'),
    invalid('patch'),
  ],
  ['a patch of what is not there', `${maps}/none`, patch('merge', '{}'), missing],
  [
    'an update of an older version',
    kept,
    { method: 'PUT', body: { metadata: { name: 'kept', resourceVersion: '1' } } },
    conflict,
  ],
  ['a deletion of another one', kept, { method: 'DELETE', body: { preconditions: { uid: 'other' } } }, conflict],
  ['a deletion with half a body', kept, { method: 'DELETE', body: '{' }, bad('json parse error')],
]

describe('bad input', () => {
  const directory = mkdtempSync(join(tmpdir(), 'podbay-bad-input-'))
  let engine: Engine
  let api: Api
  let kubectl: Kubectl

  beforeAll(async () => {
    engine = await startEngine({ name: 'bad-input', dataDir: directory, flags: ['--runtime', 'simulated'] })
    api = createApi(engine.kubeconfig)
    kubectl = createKubectl(engine.kubeconfig)
    expect(await api.ask(maps, post(named('kept', { data: { a: 'b' } })))).toMatchObject({ status: 201 })
  })
  afterAll(async () => {
    api[Symbol.dispose]()
    expect(await engine.end('SIGTERM')).toBe(0)
    rmSync(directory, { recursive: true })
  })

  it.each(cases)('%s is answered with a Status', async (_, path, how, { code, reason, says = '', fields = [] }) => {
    const answer = await api.ask(path, how)
    const status = JSON.parse(answer.text) as Status
    expect(status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason })
    expect(answer.status).toBe(code)
    expect(status.message).toContain(says)
    expect(status.details?.causes?.map(cause => cause.field) ?? []).toEqual(expect.arrayContaining(fields))
  })

  it('left the server up and what was there as it was', async () => {
    expect(JSON.parse((await api.ask(kept)).text)).toMatchObject({ data: { a: 'b' } })
    expect((await api.ask('/readyz')).text).toBe('ok')
    const names = await kubectl.ok(['get', 'configmaps', '-o', 'jsonpath={.items[*].metadata.name}'])
    expect(names).toBe('kept kube-root-ca.crt')
  })

  it.each([
    [
      'Warn',
      [
        '299 - "unknown field \\"metadata.foo\\""',
        '299 - "unknown field \\"bar\\""',
        '299 - "duplicate field \\"bar\\""',
      ],
    ],
    ['Ignore', []],
  ])('fieldValidation=%s drops what it does not know', async (validation, warnings) => {
    const text = '{"metadata":{"name":"loose","foo":1},"bar":1,"bar":2}'
    const {
      status,
      headers,
      text: made,
    } = await api.ask(`${maps}?dryRun=All&fieldValidation=${validation}`, post(text))
    expect(status).toBe(201)
    expect(headers['warning'] ?? '').toBe(warnings.join(', '))
    expect(made).not.toContain('foo')
  })

  it('takes selectors as long as programs make them', async () => {
    const selector = `app in (${Array.from({ length: 4_000 }, (_, at) => `value-${at}`).join()})`
    expect(await api.ask(`${pods}?labelSelector=${encodeURIComponent(selector)}`)).toMatchObject({ status: 200 })
    expect(await kubectl.run(['get', 'pods', '-l', selector])).toMatchObject({ code: 0 })
  })

  it.each([
    ['unknown field', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: k}\nfoo: 1\n', 'unknown field "foo"'],
    ['invalid name', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: K_K}\n', 'metadata.name: Invalid value: "K_K"'],
    [
      'wrong type',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: k}\ndata: {a: 1}\n',
      'ConfigMap.data of type string',
    ],
    ['broken YAML', 'apiVersion: v1\nkind: [\n', 'error converting YAML to JSON'],
  ])('kubectl says what is wrong: %s', async (_, manifest, says) => {
    const { code, output } = await kubectl.run(['apply', '-f', '-'], manifest)
    expect(output).toContain(says)
    expect(code).toBe(1)
  })

  it('kubectl says which kind is unknown', async () => {
    const manifest = 'apiVersion: v1\nkind: Widget\nmetadata: {name: k}\n'
    const { code, output } = await kubectl.run(['apply', '--validate=false', '-f', '-'], manifest)
    expect(output).toContain('no matches for kind "Widget" in version "v1"')
    expect(code).toBe(1)
  })
})
