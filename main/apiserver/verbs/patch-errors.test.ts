import { describe, expect, it } from 'vitest'
import { ask, startListening } from '../testing/ask.ts'

const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const json = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'
const application = (rest: object) => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', ...rest })
const immutable = (field: string, value: string) =>
  `ConfigMap "a" is invalid: ${field}: Invalid value: ${value}: field is immutable`

/* What kube-apiserver v1.36.0 answers to these patches of a ConfigMap; a patched object in a message is left out here. */
const answers: [type: string, body: string, code: number, message: string, query?: string][] = [
  [merge, '{', 400, 'error decoding patch: unexpected end of JSON input'],
  [merge, '', 400, 'error decoding patch: unexpected end of JSON input'],
  [merge, '{', 400, 'Invalid JSON Patch', '?fieldValidation=Ignore'],
  [
    merge,
    '3',
    400,
    'error decoding patch: json: cannot unmarshal number into Go value of type map[string]interface {}',
  ],
  [merge, 'null', 400, 'Invalid JSON Patch'],
  [merge, '{"kind":"Pod"}', 422, 'converting (v1.Pod) to (core.ConfigMap): unknown conversion'],
  [
    merge,
    '{"kind":"Nope"}',
    422,
    'no kind "Nope" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
  ],
  [merge, '{"metadata":{"uid":"x"}}', 422, immutable('metadata.uid', '"x"')],
  [merge, '{"metadata":{"deletionGracePeriodSeconds":3}}', 422, immutable('metadata.deletionGracePeriodSeconds', '3')],
  [merge, '{"metadata":{"resourceVersion":"x"}}', 500, 'strconv.ParseUint: parsing "x": invalid syntax'],
  [
    merge,
    '{"data":3}',
    422,
    'json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
  ],
  [strategic, '{"a":}', 400, "invalid character '}' looking for beginning of value"],
  [strategic, '"x"', 400, 'json: cannot unmarshal string into Go value of type map[string]interface {}'],
  [strategic, '{"data":3}', 422, ' "" is invalid: patch: Invalid value: "map[data:3]": cannot restore map from int64'],
  [
    strategic,
    '{"data":{"a":3}}',
    422,
    ' "" is invalid: patch: Invalid value: "map[data:map[a:3]]": cannot convert int64 to string',
  ],
  [
    strategic,
    '{"metadata":"x"}',
    422,
    ' "" is invalid: patch: Invalid value: "map[metadata:x]": cannot restore struct from: string',
  ],
  [strategic, '{"data":{"$patch":"nope"}}', 500, 'unknown patch type: nope in map: map[$patch:nope]'],
  [json, '{} x', 400, "error decoding patch: invalid character 'x' after top-level value"],
  [json, '{}', 400, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  [json, '[1]', 400, 'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
  [
    json,
    '[1]',
    400,
    'json: cannot unmarshal number into Go value of type jsonpatch.Operation',
    '?fieldValidation=Ignore',
  ],
  [
    json,
    '[{"op":3}]',
    400,
    'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
  ],
  [
    json,
    '[{"op":"test","path":"/data/k","value":"x"}]',
    422,
    'the server rejected our request due to an error in our request',
  ],
  [
    json,
    '[{"op":"replace","path":"","value":"x"}]',
    422,
    'the server rejected our request due to an error in our request',
  ],
  [
    json,
    '[{"op":"replace","path":"","value":{}}]',
    400,
    'the name of the object (a based on URL) was undeterminable: name must be provided',
  ],
  [apply, application({ metadata: { name: 'a', uid: 'x' } }), 422, immutable('metadata.uid', '"x"'), '?fieldManager=m'],
  [
    apply,
    application({ metadata: { name: 'b' } }),
    400,
    'the name of the object (b) does not match the name on the URL (a)',
    '?fieldManager=m',
  ],
  [
    merge,
    '{}',
    422,
    'PatchOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["x"]: supported values: "All"',
    '?dryRun=x',
  ],
  ['text/plain', '{}', 415, '415: Unsupported Media Type'],
]

describe('patches that upstream refuses', () => {
  it('are refused in its words', async () => {
    await using s = await startListening()
    const path = '/api/v1/namespaces/default/configmaps'
    await s.send('POST', path, { metadata: { name: 'a' }, data: { k: 'v' } })
    for (const [type, body, code, message, query = ''] of answers) {
      const answer = await ask(s, `${path}/a${query}`, { method: 'PATCH', headers: { 'content-type': type }, body })
      const said = (JSON.parse(answer.body) as { message: string }).message
      const bare = said.replace(/^ "" is invalid: patch: Invalid value: "\{.*\}": /, '')
      expect({ type, body, code: answer.status, message: bare }).toEqual({ type, body, code, message })
    }
  })

  it('change nothing where they say nothing, or only another type', async () => {
    await using s = await startListening()
    const path = '/api/v1/namespaces/default/configmaps'
    const made = await s.send('POST', path, { metadata: { name: 'a' }, data: { k: 'v' } })
    for (const [type, body] of [
      [json, 'null'],
      [strategic, 'null'],
      [strategic, '{"kind":"Secret"}'],
      [merge, '{"kind":null}'],
    ] as const) {
      const answer = await ask(s, `${path}/a`, { method: 'PATCH', headers: { 'content-type': type }, body })
      expect(JSON.parse(answer.body)).toEqual(made)
    }
  })
})
