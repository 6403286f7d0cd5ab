import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../shared/api/object.ts'
import type { ValidatingAdmissionPolicy } from '../../../../shared/api/admissionregistration.ts'
import { startServer, type TestServer } from '../../testing/start-server.ts'

let server: TestServer
beforeEach(async () => {
  server = await startServer()
  await server.send('POST', '/api/v1/namespaces', { metadata: { name: 'here', labels: { team: 'a' } } })
})
afterEach(() => server[Symbol.asyncDispose]())

const group = '/apis/admissionregistration.k8s.io/v1'
const configMaps = '/api/v1/namespaces/here/configmaps'

interface Given {
  spec: Record<string, unknown>
  binding?: Record<string, unknown>
  kind?: 'validating' | 'mutating'
}

/** Rules for config maps whose label `case` is the test's own. */
const about = (name: string, operations: string[] = ['CREATE', 'UPDATE']) => ({
  resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations, resources: ['configmaps'] }],
  objectSelector: { matchLabels: { case: name } },
})

async function policy(name: string, { spec, binding = {}, kind = 'validating' }: Given): Promise<void> {
  const actions = kind === 'validating' ? { validationActions: ['Deny'] } : {}
  await server.send('POST', `${group}/${kind}admissionpolicies`, {
    metadata: { name },
    spec: { matchConstraints: about(name), ...spec },
  })
  await server.send('POST', `${group}/${kind}admissionpolicybindings`, {
    metadata: { name: `${name}-binding` },
    spec: { policyName: name, ...actions, ...binding },
  })
}

const configMap = (name: string, more: object = {}) => ({ metadata: { name, labels: { case: name } }, ...more })

const create = (name: string, more: object = {}) =>
  server.send<KubeObject & { data?: Record<string, string> }>('POST', configMaps, configMap(name, more))
const refused = (name: string, more: object = {}) => server.refused('POST', configMaps, configMap(name, more))

describe('a validating policy', () => {
  test('denies in upstream’s words', async () => {
    await policy('deny', { spec: { validations: [{ expression: "object.data.mode != 'bad'" }] } })
    const { status } = await refused('deny', { data: { mode: 'bad' } })
    const text = `ValidatingAdmissionPolicy 'deny' with binding 'deny-binding' denied request: failed expression: object.data.mode != 'bad'`
    expect(status).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: `configmaps "deny" is forbidden: ${text}`,
      details: { name: 'deny', kind: 'configmaps', causes: [{ message: text }] },
    })
    await create('deny', { data: { mode: 'good' } })
  })

  test('gives its own message and reason', async () => {
    const validation = {
      expression: 'size(object.data) < 2',
      messageExpression: "'too many: ' + string(size(object.data))",
      reason: 'Forbidden',
    }
    await policy('message', { spec: { validations: [validation] } })
    const { status } = await refused('message', { data: { a: '1', b: '2' } })
    expect(status).toMatchObject({ code: 403, reason: 'Forbidden' })
    expect(status.message).toMatch(/denied request: too many: 2$/)
  })

  test('that fails to evaluate denies, or not, by its failurePolicy', async () => {
    const validations = [{ expression: "object.data.none == 'x'" }]
    await policy('fail', { spec: { validations } })
    expect((await refused('fail')).message).toContain(
      "denied request: expression 'object.data.none == 'x'' resulted in error: no such key: data",
    )
    await policy('ignore', { spec: { validations, failurePolicy: 'Ignore' } })
    await create('ignore')
  })

  test('speaks of variables, the request, the namespace, the old object and the user’s rights', async () => {
    const expressions = [
      "variables.team == 'a' && variables.doubled == 'aa'",
      "request.operation == 'UPDATE' && request.resource.resource == 'configmaps' && request.namespace == 'here'",
      "request.userInfo.groups.exists(g, g == 'system:masters') && !request.dryRun",
      "oldObject.data.v == '1' && object.data.v == '2'",
      "authorizer.group('').resource('configmaps').namespace('here').check('update').allowed()",
      "authorizer.requestResource.check('delete').allowed()",
    ]
    const variables = [
      { name: 'team', expression: 'namespaceObject.metadata.labels.team' },
      { name: 'doubled', expression: 'variables.team + variables.team' },
    ]
    const validations = expressions.map(expression => ({ expression }))
    await create('scope', { data: { v: '1' } })
    await policy('scope', { spec: { variables, validations, matchConstraints: about('scope', ['UPDATE']) } })
    const changed = configMap('scope', { data: { v: '2' } })
    await server.send('PUT', `${configMaps}/scope`, changed)
  })

  test('is asked only if its match conditions hold', async () => {
    await policy('conditions', {
      spec: {
        matchConditions: [{ name: 'only-big', expression: 'size(object.data) > 1' }],
        validations: [{ expression: 'false', message: 'never' }],
      },
    })
    await create('conditions', { data: { a: '1' } })
    expect(
      (
        await server.refused('POST', configMaps, {
          ...configMap('conditions', { data: { a: '1', b: '2' } }),
          metadata: { name: 'other', labels: { case: 'conditions' } },
        })
      ).message,
    ).toMatch(/never$/)
  })

  test('warns where its binding says so', async () => {
    await policy('warn', {
      spec: { validations: [{ expression: 'false', message: 'think again' }] },
      binding: { validationActions: ['Warn'] },
    })
    const { headers } = await server.server.handle({
      method: 'POST',
      path: configMaps,
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      user: { name: 'admin', groups: ['system:masters'] },
      body: { value: configMap('warn') },
      signal: new AbortController().signal,
      upgrade: false,
    })
    expect(headers.warning).toContain(
      "Validation failed for ValidatingAdmissionPolicy 'warn' with binding 'warn-binding': think again",
    )
  })

  test('has parameters', async () => {
    await server.send('POST', configMaps, {
      metadata: { name: 'limits', labels: { limits: 'yes' } },
      data: { max: '2' },
    })
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'size(object.data) <= int(params.data.max)' }],
    }
    const paramRef = { selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Deny' }
    await policy('params', { spec, binding: { paramRef } })
    await create('params', { data: { a: '1' } })
    expect(
      (
        await server.refused(
          'PATCH',
          `${configMaps}/params`,
          { data: { b: '2', c: '3' } },
          { headers: { 'content-type': 'application/merge-patch+json' } },
        )
      ).message,
    ).toContain('failed expression: size(object.data)')
    await policy('missing', { spec, binding: { paramRef: { name: 'none', parameterNotFoundAction: 'Deny' } } })
    expect((await refused('missing', { data: {} })).message).toContain(
      "'missing' with binding 'missing-binding' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
    )
  })

  test('costs too much', async () => {
    const expression = 'lists.range(2000).all(a, lists.range(2000).all(b, true))'
    await policy('costly', { spec: { validations: [{ expression }] } })
    expect((await refused('costly')).message).toContain('actual cost limit exceeded')
  })
})

test('the types of objects are told to the author of a policy', async () => {
  const rules = [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }]
  const make = (name: string, ...expressions: string[]) =>
    server.send<ValidatingAdmissionPolicy>('POST', `${group}/validatingadmissionpolicies`, {
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: rules },
        variables: [{ name: 'max', expression: 'object.spec.replicas' }],
        validations: expressions.map(expression => ({ expression })),
      },
    })
  const fine = await make(
    'fine',
    'variables.max > 1',
    "object.metadata.labels['a'] == 'b'",
    'object.spec.template.spec.containers.all(c, c.image != "")',
  )
  expect(fine.status).toEqual({ observedGeneration: 1, typeChecking: {} })
  const { status } = await make('confused', "variables.max > '1'", 'object.spec.maxReplicas < 10')
  const [first, second] = status?.typeChecking?.expressionWarnings ?? []
  expect(first).toEqual({
    fieldRef: 'spec.validations[0].expression',
    warning: expect.stringContaining(
      "apps/v1, Kind=Deployment: compilation failed: ERROR: <input>:1:15: found no matching overload for '_>_' applied to '(int, string)'",
    ) as string,
  })
  expect(second?.warning).toContain("undefined field 'maxReplicas'")
})

describe('validation', () => {
  const causes = async (name: string, spec: object) =>
    (
      await server.refused('POST', `${group}/validatingadmissionpolicies`, {
        metadata: { name },
        spec: { matchConstraints: about(name), ...spec },
      })
    ).status.details?.causes?.map(({ field, message }) => `${field ?? ''}: ${message ?? ''}`)

  test('names expressions that do not compile', async () => {
    expect(await causes('bad', { validations: [{ expression: 'objekt.a == 1' }] })).toEqual([
      `spec.validations[0].expression: Invalid value: "objekt.a == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt' (in container '')\n | objekt.a == 1\n | ^`,
    ])
  })

  test('wants types', async () => {
    expect(await causes('types', { validations: [{ expression: 'object.spec', messageExpression: '1' }] })).toEqual([
      'spec.validations[0].expression: Invalid value: "object.spec": must evaluate to bool but got dyn',
      'spec.validations[0].messageExpression: Invalid value: "1": must evaluate to string but got int',
    ])
  })

  test('knows variables and params only where they are declared', async () => {
    expect(await causes('undeclared', { validations: [{ expression: 'variables.a && params.b == 1' }] })).toEqual([
      expect.stringContaining("undeclared reference to 'variables'"),
    ])
  })
})

describe('a mutating policy', () => {
  const apply = (expression: string) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } })
  const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } })

  test('merges what it applies', async () => {
    const spec = {
      reinvocationPolicy: 'Never',
      mutations: [
        apply(`Object{metadata: Object.metadata{labels: {"added": "yes"}}, data: {"b": object.data.a + "!"}}`),
      ],
    }
    await policy('apply', { kind: 'mutating', spec })
    const { metadata, data } = await create('apply', { data: { a: '1' } })
    expect(metadata.labels).toEqual({ case: 'apply', added: 'yes' })
    expect(data).toEqual({ a: '1', b: '1!' })
  })

  test('patches', async () => {
    const expression = `[
      JSONPatch{op: "test", path: "/data/a", value: "1"},
      JSONPatch{op: "add", path: "/metadata/annotations", value: {}},
      JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("example.com/x"), value: "y"}
    ]`
    await policy('patch', { kind: 'mutating', spec: { reinvocationPolicy: 'Never', mutations: [patch(expression)] } })
    expect((await create('patch', { data: { a: '1' } })).metadata.annotations).toEqual({ 'example.com/x': 'y' })
    const other = { metadata: { name: 'patch-2', labels: { case: 'patch' } }, data: { a: '2' } }
    expect((await server.send<KubeObject>('POST', configMaps, other)).metadata.annotations).toBeUndefined()
  })

  test('may not replace what can only be replaced as a whole', async () => {
    const mutations = [
      apply(
        'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{nodeSelector: {"a": "b"}}}, selector: Object.spec.selector{matchLabels: {"x": "y"}}}}',
      ),
    ]
    const rules = [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }]
    await policy('atomic', {
      kind: 'mutating',
      spec: { reinvocationPolicy: 'Never', mutations, matchConstraints: { resourceRules: rules } },
    })
    const template = { metadata: { labels: { x: 'y' } }, spec: { containers: [{ name: 'a', image: 'b' }] } }
    const deployment = { metadata: { name: 'atomic' }, spec: { selector: { matchLabels: { x: 'y' } }, template } }
    const { message } = await server.refused('POST', '/apis/apps/v1/namespaces/here/deployments', deployment)
    expect(message).toContain(
      "policy 'atomic' with binding 'atomic-binding' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ",
    )
    expect(message).toContain('.spec.selector')
  })

  test('is asked again when one after it has changed the object', async () => {
    const marks = (key: string, condition: string) => ({
      matchConditions: [{ name: 'when', expression: condition }],
      mutations: [apply(`Object{data: {"${key}": "yes"}}`)],
    })
    const match = { matchConstraints: about('again') }
    await policy('again-1', {
      kind: 'mutating',
      spec: { ...marks('first', 'has(object.data.second)'), ...match, reinvocationPolicy: 'IfNeeded' },
    })
    await policy('again-0', {
      kind: 'mutating',
      spec: {
        ...match,
        reinvocationPolicy: 'IfNeeded',
        mutations: [apply(`Object{data: {"seen": string(has(object.data.second))}}`)],
      },
    })
    await policy('again-2', {
      kind: 'mutating',
      spec: { ...marks('second', 'true'), ...match, reinvocationPolicy: 'Never' },
    })
    expect((await create('again', { data: {} })).data).toMatchObject({ second: 'yes', seen: 'true' })
  })

  test('changes pods as the documentation has it', async () => {
    const expression = `Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: "mesh", image: "mesh:1", restartPolicy: "Always"}]}}`
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }]
    const matchConstraints = { resourceRules: rules }
    await policy('sidecar', {
      kind: 'mutating',
      spec: {
        reinvocationPolicy: 'IfNeeded',
        matchConstraints,
        matchConditions: [{ name: 'not-yet', expression: '!has(object.spec.initContainers)' }],
        mutations: [apply(expression)],
      },
    })
    await server.send('POST', '/api/v1/namespaces/here/serviceaccounts', { metadata: { name: 'default' } })
    const pod = await server.send<KubeObject & { spec: { initContainers: unknown[] } }>(
      'POST',
      '/api/v1/namespaces/here/pods',
      { metadata: { name: 'meshed' }, spec: { containers: [{ name: 'a', image: 'a:1' }] } },
    )
    expect(pod.spec.initContainers).toEqual([
      expect.objectContaining({ name: 'mesh', imagePullPolicy: 'IfNotPresent' }),
    ])
  })
})

test('a webhook is asked only if its match conditions hold', async () => {
  const webhook = (matchConditions: object[]) => ({
    name: 'hook.example.com',
    // Nobody answers there: being asked is being refused.
    clientConfig: { url: 'https://127.0.0.1:1/' },
    rules: about('hook').resourceRules,
    objectSelector: { matchLabels: { case: 'hook' } },
    matchConditions,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  })
  const path = `${group}/validatingwebhookconfigurations`
  const condition = (expression: string) => [{ name: 'when', expression }]
  const bad = { metadata: { name: 'bad' }, webhooks: [webhook(condition('params.a'))] }
  expect((await server.refused('POST', path, bad)).message).toContain("undeclared reference to 'params'")
  const expression = "object.data.ask == 'yes' && request.userInfo.username == 'admin'"
  await server.send('POST', path, { metadata: { name: 'hook' }, webhooks: [webhook(condition(expression))] })
  await create('hook', { data: { ask: 'no' } })
  const other = (name: string, data: object) => ({ metadata: { name, labels: { case: 'hook' } }, data })
  expect((await server.refused('POST', configMaps, other('asked', { ask: 'yes' }))).message).toContain(
    'failed calling webhook',
  )
  const { status } = await server.refused('POST', configMaps, other('unclear', {}))
  expect(status).toMatchObject({
    code: 403,
    message: expect.stringContaining('resulted in error: no such key: ask') as string,
  })
})
