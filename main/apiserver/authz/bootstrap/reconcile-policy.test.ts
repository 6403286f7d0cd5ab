import { expect, test } from 'vitest'
import type { KubeList } from '../../../../shared/api/object.ts'
import type { ClusterRole, ClusterRoleBinding } from '../../../../shared/api/rbac.ts'
import { startServer, type TestServer } from '../../testing/start-server.ts'
import { reconcilePolicy } from './reconcile-policy.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'

async function may(s: TestServer, user: string, resourceAttributes: object): Promise<boolean> {
  const body = { spec: { user, groups: ['system:authenticated'], resourceAttributes } }
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  return (await s.send<{ status: { allowed: boolean } }>('POST', path, body)).status.allowed
}

test('a cluster begins with the roles and bindings of v1.36', async () => {
  await using s = await startServer()
  await reconcilePolicy(s.admin)
  const count = async (kind: string) => (await s.send<KubeList>('GET', `${rbac}/${kind}`)).items.length
  // As many as a kube-apiserver v1.36.0 with its default feature gates makes.
  expect(await Promise.all(['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map(count))).toEqual([
    69, 50, 7, 7,
  ])
  expect(
    await may(s, 'system:kube-scheduler', {
      group: '',
      resource: 'pods',
      subresource: 'binding',
      verb: 'create',
      namespace: 'x',
    }),
  ).toBe(true)
  expect(
    await may(s, 'system:serviceaccount:kube-system:replicaset-controller', {
      resource: 'pods',
      verb: 'create',
      namespace: 'x',
    }),
  ).toBe(true)
  expect(
    await may(s, 'jane', { group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews', verb: 'create' }),
  ).toBe(true)
  expect(await may(s, 'jane', { resource: 'pods', verb: 'get', namespace: 'x' })).toBe(false)
})

test('what is right is not written again', async () => {
  await using s = await startServer()
  await reconcilePolicy(s.admin)
  const { revision } = s.store
  await reconcilePolicy(s.admin)
  expect(s.store.revision).toBe(revision)
})

test('what was taken away comes back, what was added stays', async () => {
  await using s = await startServer()
  await reconcilePolicy(s.admin)
  const extra = { apiGroups: ['x'], resources: ['y'], verbs: ['get'] }
  const [user, view] = ['system:basic-user', 'system:discovery']
  const role = await s.send<ClusterRole>('GET', `${rbac}/clusterroles/${user}`)
  await s.send('PUT', `${rbac}/clusterroles/${user}`, { ...role, rules: [extra] })
  const binding = await s.send<ClusterRoleBinding>('GET', `${rbac}/clusterrolebindings/${view}`)
  const guest = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'guest' }
  await s.send('PUT', `${rbac}/clusterrolebindings/${view}`, { ...binding, subjects: [guest] })
  await s.send('DELETE', `${rbac}/clusterroles/system:node`)
  await reconcilePolicy(s.admin)
  const { rules } = await s.send<ClusterRole>('GET', `${rbac}/clusterroles/${user}`)
  expect(rules).toEqual([extra, ...(role.rules ?? [])])
  const { subjects } = await s.send<ClusterRoleBinding>('GET', `${rbac}/clusterrolebindings/${view}`)
  expect(subjects).toEqual([guest, ...(binding.subjects ?? [])])
  await s.send('GET', `${rbac}/clusterroles/system:node`)
})

test('a binding to another role is made anew, and what its owner protects is left alone', async () => {
  await using s = await startServer()
  await reconcilePolicy(s.admin)
  const at = `${rbac}/clusterrolebindings/system:discovery`
  await s.send('DELETE', at)
  const roleRef = { kind: 'ClusterRole', name: 'other' }
  await s.send('POST', `${rbac}/clusterrolebindings`, { metadata: { name: 'system:discovery' }, roleRef })
  const protect = {
    metadata: { name: 'system:basic-user', annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' } },
  }
  await s.send('PUT', `${rbac}/clusterroles/system:basic-user`, protect)
  await reconcilePolicy(s.admin)
  expect((await s.send<ClusterRoleBinding>('GET', at)).roleRef.name).toBe('system:discovery')
  expect((await s.send<ClusterRole>('GET', `${rbac}/clusterroles/system:basic-user`)).rules ?? []).toEqual([])
})
