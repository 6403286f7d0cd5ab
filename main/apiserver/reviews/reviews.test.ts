import { expect, test } from 'vitest'
import { reconcilePolicy } from '../authz/bootstrap/reconcile-policy.ts'
import { startServer } from '../testing/start-server.ts'

const authorization = '/apis/authorization.k8s.io/v1'
const authentication = '/apis/authentication.k8s.io/v1'
const attributes = { resource: 'pods', verb: 'get' }

test.each([
  [
    {},
    '[spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]',
  ],
  [
    { user: 'a', resourceAttributes: attributes, nonResourceAttributes: { path: '/x', verb: 'get' } },
    'spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":"get"}: cannot be specified in combination with resourceAttributes',
  ],
  [
    { user: 'a', resourceAttributes: { ...attributes, fieldSelector: {} } },
    'spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required',
  ],
])('a question that makes no sense is refused: %j', async (spec, why) => {
  await using s = await startServer()
  const error = await s.refused('POST', `${authorization}/subjectaccessreviews`, { spec })
  expect([error.code, error.message]).toEqual([422, `.authorization.k8s.io "" is invalid: ${why}`])
  expect(error.status.details).not.toHaveProperty('kind')
})

test('a local review asks about its own namespace', async () => {
  await using s = await startServer()
  const path = `${authorization}/namespaces/default/localsubjectaccessreviews`
  const spec = { groups: ['system:masters'], resourceAttributes: { ...attributes, namespace: 'default' } }
  expect(await s.send('POST', path, { spec })).toMatchObject({
    metadata: { namespace: 'default' },
    status: { allowed: true },
  })
  const elsewhere = { ...spec, resourceAttributes: { ...attributes, namespace: 'kube-system' } }
  expect((await s.refused('POST', path, { spec: elsewhere })).message).toContain('must match metadata.namespace')
})

test('selectors that can not be understood are said to be left out', async () => {
  await using s = await startServer()
  const resourceAttributes = {
    ...attributes,
    fieldSelector: { rawSelector: 'a in b' },
    labelSelector: {
      requirements: [
        { key: 'a', operator: 'Exists' },
        { key: 'a', operator: 'Foo' },
      ],
    },
  }
  const spec = { user: 'a', resourceAttributes }
  expect(await s.send('POST', `${authorization}/subjectaccessreviews`, { spec })).toMatchObject({
    status: {
      allowed: false,
      evaluationError:
        'spec.resourceAttributes.fieldSelector ignored due to parse error; spec.resourceAttributes.labelSelector partially ignored due to parse error',
    },
  })
})

test('who asks is told who they are and what they may', async () => {
  await using s = await startServer()
  await reconcilePolicy(s.admin)
  const extra = { 'example.org/scope': ['a'] }
  const jane = s.server.transport({ name: 'jane', uid: '7', groups: ['system:authenticated'], extra })
  const post = (path: string, body: object) => jane.request({ method: 'POST', path, body })
  expect(await post(`${authentication}/selfsubjectreviews`, {})).toMatchObject({
    status: { userInfo: { username: 'jane', uid: '7', groups: ['system:authenticated'], extra } },
  })
  const spec = { resourceAttributes: { ...attributes, namespace: 'default' } }
  expect(await post(`${authorization}/selfsubjectaccessreviews`, { spec })).toMatchObject({
    status: { allowed: false },
  })
  const rules = await post(`${authorization}/selfsubjectrulesreviews`, { spec: { namespace: 'default' } })
  expect(rules).toMatchObject({
    spec: {},
    status: {
      incomplete: false,
      resourceRules: [
        { verbs: ['create'], apiGroups: ['authorization.k8s.io'] },
        { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
      ],
    },
  })
})

test('a token is its account for the audiences that it is made for', async () => {
  await using s = await startServer()
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'bot' } })
  const make = async (spec: object) => {
    const path = '/api/v1/namespaces/default/serviceaccounts/bot/token'
    return (await s.send<{ status: { token: string } }>('POST', path, { spec })).status.token
  }
  const review = async (token: string, audiences?: string[]) =>
    (await s.send<{ status: object }>('POST', `${authentication}/tokenreviews`, { spec: { token, audiences } })).status
  const issuer = 'https://kubernetes.default.svc.cluster.local'
  const token = await make({})
  expect(await review(token)).toMatchObject({
    authenticated: true,
    audiences: [issuer],
    user: {
      username: 'system:serviceaccount:default:bot',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    },
  })
  expect(await review(await make({ audiences: ['vault'] }), ['vault', 'more'])).toMatchObject({
    authenticated: true,
    audiences: ['vault'],
  })
  expect(await review(token, ['vault'])).toEqual({
    user: {},
    error: `[invalid bearer token, token audiences ["${issuer}"] is invalid for the target audiences ["vault"]]`,
  })
  expect(await review(`${token.slice(0, -4)}AAAA`)).toEqual({
    user: {},
    error: '[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]',
  })
  expect(await review('nonsense')).toEqual({ user: {}, error: 'invalid bearer token' })
  expect((await s.refused('POST', `${authentication}/tokenreviews`, { spec: {} })).code).toBe(400)
})

test('reviews can be created and nothing else, and are no tables', async () => {
  await using s = await startServer()
  const code = async (method: 'GET' | 'POST', path: string) =>
    (await s.refused(method, `${authorization}/${path}`, {})).code
  expect(await code('GET', 'subjectaccessreviews')).toBe(405)
  expect(await code('GET', 'subjectaccessreviews/x')).toBe(404)
  expect(await code('POST', 'localsubjectaccessreviews')).toBe(404)
  const body = { spec: { user: 'a', resourceAttributes: attributes } }
  const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
  expect((await s.refused('POST', `${authorization}/subjectaccessreviews`, body, { headers })).code).toBe(406)
  const either = { accept: `${headers.accept},application/json` }
  const answer = await s.send('POST', `${authorization}/subjectaccessreviews`, body, { headers: either })
  expect(answer).toMatchObject({ kind: 'SubjectAccessReview' })
})
