import { expect, test } from 'vitest'
import type { KubeObject } from '../../../shared/api/object.ts'
import { startServer, type TestServer } from '../testing/start-server.ts'

/* The refusals are those of a kube-apiserver v1.36.0. */

const policies = '/apis/admissionregistration.k8s.io/v1'
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const eve = '&{eve  [authors system:authenticated] map[]}'
const asEve = { headers: { 'impersonate-user': 'eve', 'impersonate-group': 'authors' }, query: { dryRun: 'All' } }

const resourceRules = [{ apiGroups: ['x'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['foos'] }]
const policy = {
  metadata: { name: 'secrets' },
  spec: {
    paramKind: { apiVersion: 'v1', kind: 'Secret' },
    matchConstraints: { resourceRules },
    validations: [{ expression: 'true' }],
  },
}
const binding = (policyName: string, paramRef: object) => ({
  metadata: { name: 'b' },
  spec: { policyName, paramRef: { parameterNotFoundAction: 'Deny', ...paramRef }, validationActions: ['Deny'] },
})

/** Lets eve do something, besides what authors of policies do. */
async function allow(s: TestServer, name: string, rule: object): Promise<void> {
  await s.send('POST', `${rbac}/clusterroles`, { metadata: { name }, rules: [rule] })
  await s.send('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { kind: 'ClusterRole', name },
    subjects: [{ kind: 'User', name: 'eve' }],
  })
}

async function startWithAuthor(): Promise<TestServer> {
  const s = await startServer()
  await allow(s, 'author', { apiGroups: ['admissionregistration.k8s.io'], resources: ['*'], verbs: ['*'] })
  return s
}

test("a policy's parameters are of a kind that its author may read", async () => {
  await using s = await startWithAuthor()
  const path = `${policies}/validatingadmissionpolicies`
  expect((await s.refused('POST', path, policy, asEve)).message).toBe(
    `ValidatingAdmissionPolicy.admissionregistration.k8s.io "secrets" is invalid: spec.paramKind: Forbidden: user ${eve} must have "get" permission on all objects of the referenced paramKind (kind=Secret, apiVersion=v1)`,
  )
  const { metadata } = await s.send<KubeObject>('POST', path, policy)
  // A kind that stays as it was is not asked about again.
  const changed = { metadata, spec: { ...policy.spec, failurePolicy: 'Ignore' } }
  expect(await s.send('PUT', `${path}/secrets`, changed, asEve)).toMatchObject({ spec: { failurePolicy: 'Ignore' } })
  await allow(s, 'reader', { apiGroups: [''], resources: ['secrets'], verbs: ['get'] })
  await s.send('POST', path, { ...policy, metadata: { name: 'more' } }, asEve)
})

test("a binding's parameters are some that its author may read", async () => {
  await using s = await startWithAuthor()
  const path = `${policies}/validatingadmissionpolicybindings`
  const about =
    'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io "b" is invalid: spec.paramRef: Forbidden:'
  const one = { name: 'a', namespace: 'default' }
  expect((await s.refused('POST', path, binding('none', one), asEve)).message).toBe(
    `${about} unable to get policy none to determine minimum required permissions and user ${eve} does not have "get" permission for all groups, versions and resources`,
  )
  await s.send('POST', `${policies}/validatingadmissionpolicies`, policy)
  expect((await s.refused('POST', path, binding('secrets', one), asEve)).message).toBe(
    `${about} user ${eve} does not have "get" permission on the object referenced by paramRef`,
  )
  await allow(s, 'reader', { apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get'] })
  await s.send('POST', path, binding('secrets', one), asEve)
  expect((await s.refused('POST', path, binding('secrets', { selector: {} }), asEve)).message).toContain('"list"')
})
