import { expect, test } from 'vitest'
import type { UserInfo } from '../request.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'
import type { ServerRequest } from '../request.ts'
import { reconcilePolicy } from '../authz/bootstrap/reconcile-policy.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const master: UserInfo = { name: 'root', groups: ['system:masters', 'system:authenticated'] }
const eve: UserInfo = { name: 'eve', groups: ['system:authenticated'] }

async function server(): Promise<TestServer> {
  const s = await startServer()
  await reconcilePolicy(s.admin)
  return s
}

/** Who the server takes a request with these header lines for, or its refusal. */
async function whoami(s: TestServer, user: UserInfo, lines: readonly (readonly [string, string])[]): Promise<unknown> {
  const request: ServerRequest = {
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    query: new URLSearchParams(),
    headers: Object.fromEntries(lines.map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: lines.flat(),
    user,
    body: { value: {} },
    signal: new AbortController().signal,
    upgrade: false,
  }
  const response = await s.server.handle(request)
  if (!('body' in response)) throw new Error('no body')
  const value = response.body.value() as { message?: string; status: { userInfo: unknown } }
  return value.message ?? value.status.userInfo
}

test('the headers say all about who is meant', async () => {
  await using s = await server()
  const who = await whoami(s, master, [
    ['Impersonate-User', 'bob'],
    ['Impersonate-Group', 'a,b'],
    ['Impersonate-Group', 'c'],
    ['Impersonate-Uid', '7'],
    ['Impersonate-Extra-Example.org%2fscope', 'x'],
    ['Impersonate-Extra-Example.org%2fscope', 'y'],
  ])
  expect(who).toEqual({
    username: 'bob',
    uid: '7',
    groups: ['a,b', 'c', 'system:authenticated'],
    extra: { 'example.org/scope': ['x', 'y'] },
  })
})

test.each([
  ['system:serviceaccount:ns:bot', ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated']],
  ['system:node:n1', ['system:nodes', 'system:authenticated']],
  ['jane', ['system:authenticated']],
])('%s comes with its groups', async (username, groups) => {
  await using s = await server()
  expect(await whoami(s, master, [['Impersonate-User', username]])).toEqual({ username, groups })
})

test('who wants to be nobody may do what nobody may', async () => {
  await using s = await server()
  expect(await whoami(s, master, [['Impersonate-User', 'system:anonymous']])).toContain(
    'User "system:anonymous" cannot create',
  )
})

test('groups, uid or extras need a user', async () => {
  await using s = await server()
  expect(await whoami(s, master, [['Impersonate-Group', 'a']])).toBe(
    'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)} without impersonating a user name',
  )
})

test('who may not is told by the narrowest way that fits', async () => {
  await using s = await server()
  const refusal = (mode: string) =>
    `selfsubjectreviews.authentication.k8s.io is forbidden: User "eve" cannot impersonate-on:${mode}:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope`
  expect(await whoami(s, eve, [['Impersonate-User', 'bob']])).toBe(refusal('user-info'))
  expect(await whoami(s, eve, [['Impersonate-User', 'system:serviceaccount:a:b']])).toBe(refusal('serviceaccount'))
  expect(await whoami(s, eve, [['Impersonate-User', 'system:node:n1']])).toBe(refusal('arbitrary-node'))
})

test('the verb impersonate is asked for each thing that is taken on', async () => {
  await using s = await server()
  const rules = [
    { apiGroups: [''], resources: ['users'], resourceNames: ['bob'], verbs: ['impersonate'] },
    { apiGroups: [''], resources: ['groups'], resourceNames: ['devs'], verbs: ['impersonate'] },
  ]
  await s.send('POST', `${rbac}/clusterroles`, { metadata: { name: 'imp' }, rules })
  const roleRef = { kind: 'ClusterRole', name: 'imp' }
  const subjects = [{ kind: 'User', name: 'mallory' }]
  await s.send('POST', `${rbac}/clusterrolebindings`, { metadata: { name: 'imp' }, roleRef, subjects })
  const mallory: UserInfo = { name: 'mallory', groups: ['system:authenticated'] }
  expect(
    await whoami(s, mallory, [
      ['Impersonate-User', 'bob'],
      ['Impersonate-Group', 'devs'],
    ]),
  ).toMatchObject({ username: 'bob' })
  expect(
    await whoami(s, mallory, [
      ['Impersonate-User', 'bob'],
      ['Impersonate-Group', 'system:masters'],
    ]),
  ).toContain('forbidden')
  expect(await whoami(s, mallory, [['Impersonate-User', 'joe']])).toContain('forbidden')
})

test('a constrained way lets a user act as another for one verb alone', async () => {
  await using s = await server()
  const rules = [
    {
      apiGroups: ['authentication.k8s.io'],
      resources: ['users'],
      resourceNames: ['bob'],
      verbs: ['impersonate:user-info'],
    },
    {
      apiGroups: ['authentication.k8s.io'],
      resources: ['selfsubjectreviews'],
      verbs: ['impersonate-on:user-info:create'],
    },
  ]
  await s.send('POST', `${rbac}/clusterroles`, { metadata: { name: 'narrow' }, rules })
  const roleRef = { kind: 'ClusterRole', name: 'narrow' }
  const subjects = [{ kind: 'User', name: 'trent' }]
  await s.send('POST', `${rbac}/clusterrolebindings`, { metadata: { name: 'narrow' }, roleRef, subjects })
  const trent: UserInfo = { name: 'trent', groups: ['system:authenticated'] }
  expect(await whoami(s, trent, [['Impersonate-User', 'bob']])).toMatchObject({ username: 'bob' })
  const list = s.server
    .transport(trent)
    .request({ method: 'GET', path: '/api/v1/pods', headers: { 'impersonate-user': 'bob' } })
  await expect(list).rejects.toThrow('cannot impersonate-on:user-info:list resource "pods"')
})
