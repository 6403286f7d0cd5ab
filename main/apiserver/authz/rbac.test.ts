import { expect, test } from 'vitest'
import type { UserInfo } from '../request.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'
import { StatusError } from '../../../shared/machinery/status.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const reviews = '/apis/authorization.k8s.io/v1'
const eve: UserInfo = { name: 'eve', groups: ['system:authenticated'] }

interface Answer {
  status: { allowed: boolean; reason?: string; evaluationError?: string }
}

/** Whether a user may do something, and why. */
async function ask(s: TestServer, spec: object): Promise<Answer['status']> {
  return (await s.send<Answer>('POST', `${reviews}/subjectaccessreviews`, { spec })).status
}

const role = (name: string, rules: object[]) => ({ metadata: { name }, rules })
const binding = (name: string, roleRef: object, subjects: object[]) => ({ metadata: { name }, roleRef, subjects })

test('a binding gives what its role allows, in its namespace, to its subjects, until it goes', async () => {
  await using s = await startServer()
  await s.send(
    'POST',
    `${rbac}/clusterroles`,
    role('reader', [{ apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] }]),
  )
  const subjects = [
    { kind: 'User', name: 'jane' },
    { kind: 'Group', name: 'devs' },
    { kind: 'ServiceAccount', name: 'bot' },
  ]
  const list = { resource: 'pods', verb: 'list', namespace: 'default' }
  expect(await ask(s, { user: 'jane', resourceAttributes: list })).toEqual({ allowed: false })
  await s.send(
    'POST',
    `${rbac}/namespaces/default/rolebindings`,
    binding('readers', { kind: 'ClusterRole', name: 'reader' }, subjects),
  )
  expect(await ask(s, { user: 'jane', resourceAttributes: list })).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "readers/default" of ClusterRole "reader" to User "jane"',
  })
  expect(
    await ask(s, { groups: ['devs'], resourceAttributes: { ...list, subresource: 'log', verb: 'get' } }),
  ).toMatchObject({ reason: 'RBAC: allowed by RoleBinding "readers/default" of ClusterRole "reader" to Group "devs"' })
  expect(await ask(s, { user: 'system:serviceaccount:default:bot', resourceAttributes: list })).toMatchObject({
    reason: 'RBAC: allowed by RoleBinding "readers/default" of ClusterRole "reader" to ServiceAccount "bot/default"',
  })
  for (const other of [
    { namespace: 'kube-system' },
    { namespace: '' },
    { verb: 'delete' },
    { subresource: 'exec' },
    { group: 'apps' },
  ]) {
    expect(await ask(s, { user: 'jane', resourceAttributes: { ...list, ...other } })).toEqual({ allowed: false })
  }
  await s.send('DELETE', `${rbac}/namespaces/default/rolebindings/readers`)
  expect(await ask(s, { user: 'jane', resourceAttributes: list })).toEqual({ allowed: false })
})

test('a change of a role or of subjects counts at once', async () => {
  await using s = await startServer()
  const rules = [{ apiGroups: ['apps'], resources: ['*/scale'], resourceNames: ['web'], verbs: ['*'] }]
  await s.send('POST', `${rbac}/clusterroles`, role('scaler', rules))
  const bound = binding('scalers', { kind: 'ClusterRole', name: 'scaler' }, [{ kind: 'User', name: 'jane' }])
  await s.send('POST', `${rbac}/clusterrolebindings`, bound)
  const scale = {
    group: 'apps',
    resource: 'deployments',
    subresource: 'scale',
    verb: 'update',
    namespace: 'x',
    name: 'web',
  }
  expect(await ask(s, { user: 'jane', resourceAttributes: scale })).toMatchObject({ allowed: true })
  expect(await ask(s, { user: 'jane', resourceAttributes: { ...scale, name: 'db' } })).toEqual({ allowed: false })
  await s.send('PUT', `${rbac}/clusterrolebindings/scalers`, { ...bound, subjects: [{ kind: 'User', name: 'joe' }] })
  expect(await ask(s, { user: 'jane', resourceAttributes: scale })).toEqual({ allowed: false })
  expect(await ask(s, { user: 'joe', resourceAttributes: scale })).toMatchObject({ allowed: true })
  await s.send('PUT', `${rbac}/clusterroles/scaler`, role('scaler', []))
  expect(await ask(s, { user: 'joe', resourceAttributes: scale })).toEqual({ allowed: false })
})

test('paths that are no resources are allowed one by one or by their beginning', async () => {
  await using s = await startServer()
  await s.send(
    'POST',
    `${rbac}/clusterroles`,
    role('web', [{ nonResourceURLs: ['/metrics', '/logs/*'], verbs: ['get'] }]),
  )
  await s.send(
    'POST',
    `${rbac}/clusterrolebindings`,
    binding('web', { kind: 'ClusterRole', name: 'web' }, [{ kind: 'Group', name: 'ops' }]),
  )
  const may = async (path: string, verb = 'get') =>
    (await ask(s, { groups: ['ops'], nonResourceAttributes: { path, verb } })).allowed
  expect([
    await may('/metrics'),
    await may('/logs/a/b'),
    await may('/metrics/x'),
    await may('/metrics', 'post'),
  ]).toEqual([true, true, false, false])
})

test('a binding to a role that is missing is told in the refusal', async () => {
  await using s = await startServer()
  await s.send(
    'POST',
    `${rbac}/namespaces/default/rolebindings`,
    binding('b', { kind: 'Role', name: 'x' }, [{ kind: 'User', name: 'eve' }]),
  )
  const refused = s.server.transport(eve).request({ method: 'GET', path: '/api/v1/namespaces/default/pods' })
  await expect(refused).rejects.toThrow(
    'pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default": RBAC: role.rbac.authorization.k8s.io "x" not found',
  )
})

test('nobody hands out rights that they do not have', async () => {
  await using s = await startServer()
  const manage = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['create', 'update', 'get'] }
  await s.send('POST', `${rbac}/clusterroles`, role('manager', [manage]))
  await s.send(
    'POST',
    `${rbac}/clusterrolebindings`,
    binding('eve', { kind: 'ClusterRole', name: 'manager' }, [{ kind: 'User', name: 'eve' }]),
  )
  const as = s.server.transport(eve)
  const post = (path: string, body: object) => as.request({ method: 'POST', path: `${rbac}/${path}`, body })
  const secrets = role('big', [{ apiGroups: [''], resources: ['secrets', 'pods'], verbs: ['get', 'list'] }])
  const lacks =
    'user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
  await expect(post('clusterroles', secrets)).rejects.toThrow(
    `clusterroles.rbac.authorization.k8s.io "big" is forbidden: ${lacks}{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}`,
  )
  const all = { kind: 'ClusterRole', name: 'manager' }
  await s.send('POST', `${rbac}/clusterroles`, role('master', [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]))
  await expect(post('clusterrolebindings', binding('b', { ...all, name: 'master' }, []))).rejects.toThrow(
    `${lacks}{APIGroups:["*"]`,
  )
  await expect(post('clusterrolebindings', binding('b', { ...all, name: 'none' }, []))).rejects.toThrow(
    '"none" not found',
  )
  const aggregate = { ...role('agg', []), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } }
  await expect(post('clusterroles', aggregate)).rejects.toThrow(
    'must have cluster-admin privileges to use the aggregationRule',
  )
  // What she has she may give on, in part as well.
  await post('clusterroles', role('part', [{ ...manage, resources: ['roles'], verbs: ['get'] }]))
  await post('clusterrolebindings', binding('part', { ...all }, [{ kind: 'User', name: 'joe' }]))
  const widened = { ...role('part', secrets.rules) }
  const put = as.request({ method: 'PUT', path: `${rbac}/clusterroles/part`, body: widened })
  await expect(put).rejects.toThrow(lacks)
})

test('the verbs escalate and bind lift the limit', async () => {
  await using s = await startServer()
  const manage = { apiGroups: ['rbac.authorization.k8s.io'], resources: ['*'], verbs: ['create', 'escalate', 'bind'] }
  await s.send('POST', `${rbac}/clusterroles`, role('manager', [manage]))
  await s.send(
    'POST',
    `${rbac}/clusterrolebindings`,
    binding('eve', { kind: 'ClusterRole', name: 'manager' }, [{ kind: 'User', name: 'eve' }]),
  )
  const as = s.server.transport(eve)
  const body = role('big', [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }])
  await as.request({ method: 'POST', path: `${rbac}/clusterroles`, body })
  const bound = binding('b', { kind: 'ClusterRole', name: 'big' }, [{ kind: 'User', name: 'eve' }])
  await as.request({ method: 'POST', path: `${rbac}/clusterrolebindings`, body: bound })
  await as.request({ method: 'GET', path: '/api/v1/namespaces/default/secrets/x' }).catch((error: unknown) => {
    expect(error).toBeInstanceOf(StatusError)
    expect((error as StatusError).code).toBe(404)
  })
})

test('roleRef is what a binding is made for and can not be changed', async () => {
  await using s = await startServer()
  const body = binding('b', { kind: 'ClusterRole', name: 'a' }, [])
  await s.send('POST', `${rbac}/clusterrolebindings`, body)
  const error = await s.refused('PUT', `${rbac}/clusterrolebindings/b`, {
    ...body,
    roleRef: { kind: 'ClusterRole', name: 'c' },
  })
  expect(error.message).toContain('roleRef: Invalid value')
  expect(error.message).toContain('cannot change roleRef')
})
