import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { certificateSigningRequests, type CertificateSigningRequest } from '../../../shared/api/certificates.ts'
import { clusterRoleBindings, clusterRoles, rbacGroup } from '../../../shared/api/rbac.ts'
import { createClient } from '../../../shared/client/create-client.ts'
import { certificateRequest } from '../../helpers/certificate-request.ts'
import { startControllers, type TestCluster } from './start-controllers.ts'

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const hour = 60 * 60_000
type Spec = Partial<CertificateSigningRequest['spec']>

async function ask(cluster: TestCluster, name: string, spec: Spec & { request: string }): Promise<void> {
  const { client } = cluster
  const usages = ['client auth', 'digital signature']
  const signerName = 'kubernetes.io/kube-apiserver-client'
  await client.create(certificateSigningRequests, { metadata: { name }, spec: { usages, signerName, ...spec } })
}

function decide({ server }: TestCluster, name: string, type: string, reason = 'Test'): Promise<unknown> {
  const patch = { status: { conditions: [{ type, status: 'True', reason }] } }
  const headers = { 'content-type': 'application/merge-patch+json' }
  return server.send('PATCH', `${path}/${name}/approval`, patch, { headers })
}

const issued = ({ until }: TestCluster, name: string) =>
  until(certificateSigningRequests, lister => Boolean(lister.get({ namespace: '', name })?.status?.certificate))

async function certificateOf({ client }: TestCluster, name: string): Promise<X509Certificate> {
  const { status } = await client.get(certificateSigningRequests, { namespace: '', name })
  return new X509Certificate(Buffer.from(status?.certificate ?? '', 'base64'))
}

test('an approved request is signed by the CA for as long as it asks', async () => {
  await using cluster = await startControllers()
  const { request } = await certificateRequest({
    commonName: 'jane',
    organization: 'devs',
    names: [{ type: 'dns', value: 'jane.example.org' }],
  })
  await ask(cluster, 'jane', { request, expirationSeconds: 3600 })
  await decide(cluster, 'jane', 'Approved')
  await issued(cluster, 'jane')
  const certificate = await certificateOf(cluster, 'jane')
  const ca = new X509Certificate(cluster.server.authorities.ca.certificate)
  expect(certificate.verify(ca.publicKey)).toBe(true)
  expect([certificate.subject, certificate.subjectAltName, certificate.ca]).toEqual([
    'O=devs\nCN=jane',
    'DNS:jane.example.org',
    false,
  ])
  const left = Date.parse(certificate.validTo) - Date.now()
  expect(left).toBeGreaterThan(hour - 60_000)
  expect(left).toBeLessThan(hour + 60_000)
})

test("a kubelet's request for its own certificate is approved by its right to it", async () => {
  await using cluster = await startControllers()
  const { client, server, until } = cluster
  const name = 'nodes-own'
  const rules = [
    { apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/selfnodeclient'], verbs: ['create'] },
  ]
  await client.create(clusterRoles, { metadata: { name }, rules })
  const roleRef = { apiGroup: rbacGroup, kind: 'ClusterRole', name }
  const subjects = [{ apiGroup: rbacGroup, kind: 'Group', name: 'system:nodes' }]
  await client.create(clusterRoleBindings, { metadata: { name }, roleRef, subjects })
  const { request } = await certificateRequest({ commonName: 'system:node:n1', organization: 'system:nodes' })
  const node = createClient(
    server.server.transport({ name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] }),
  )
  const spec = {
    request,
    usages: ['client auth', 'digital signature'],
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
  }
  await node.create(certificateSigningRequests, { metadata: { name: 'n1' }, spec })
  await issued(cluster, 'n1')
  const { status, spec: stored } = await client.get(certificateSigningRequests, { namespace: '', name: 'n1' })
  expect([stored.username, status?.conditions?.map(({ type, reason }) => [type, reason])]).toEqual([
    'system:node:n1',
    [['Approved', 'AutoApproved']],
  ])
  await node.create(certificateSigningRequests, {
    metadata: { name: 'n2' },
    spec: { ...spec, usages: ['server auth'] },
  })
  await decide(cluster, 'n2', 'Approved')
  await until(certificateSigningRequests, lister =>
    (lister.get({ namespace: '', name: 'n2' })?.status?.conditions ?? []).some(({ type }) => type === 'Failed'),
  )
})

test('requests go when they have served their time', async () => {
  await using cluster = await startControllers()
  const { clock, client, until } = cluster
  const { request } = await certificateRequest({ commonName: 'jane' })
  await ask(cluster, 'denied', { request })
  await ask(cluster, 'pending', { request })
  await decide(cluster, 'denied', 'Denied')
  const gone = (name: string) => until(certificateSigningRequests, lister => !lister.get({ namespace: '', name }))
  await until(certificateSigningRequests, lister => lister.list().length === 2)
  await clock.advance(hour + 60_000)
  await gone('denied')
  await client.get(certificateSigningRequests, { namespace: '', name: 'pending' })
  await clock.advance(24 * hour)
  await gone('pending')
})

test('who asks is who asks; others decide, and each their part', async () => {
  await using cluster = await startControllers()
  const { server } = cluster
  const { request } = await certificateRequest({ commonName: 'jane' })
  await ask(cluster, 'jane', { request, username: 'somebody else', groups: ['system:masters'] })
  const stored = await server.send<CertificateSigningRequest>('GET', `${path}/jane`)
  expect([stored.spec.username, stored.spec.groups]).toEqual(['admin', ['system:masters', 'system:authenticated']])

  const masters = await certificateRequest({ commonName: 'root', organization: 'system:masters' })
  const spec = { ...stored.spec, request: masters.request }
  const refused = await server.refused('POST', path, { metadata: { name: 'root' }, spec })
  expect(refused.message).toContain(
    'use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  )

  // An approval by the way of the status is none.
  const conditions = [{ type: 'Approved', status: 'True', reason: 'x' }]
  const byStatus = await server.refused('PUT', `${path}/jane/status`, { ...stored, status: { conditions } })
  expect(byStatus.message).toContain('updates may not add a condition of type "Approved"')
  const eve = server.server.transport({ name: 'eve', groups: ['system:authenticated'] })
  const rules = [{ apiGroups: ['certificates.k8s.io'], resources: ['*'], verbs: ['update', 'get'] }]
  await server.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'e' }, rules })
  await server.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'e' },
    roleRef: { kind: 'ClusterRole', name: 'e' },
    subjects: [{ kind: 'User', name: 'eve' }],
  })
  const approve = eve.request({
    method: 'PUT',
    path: `${path}/jane/approval`,
    body: { ...stored, status: { conditions } },
  })
  await expect(approve).rejects.toThrow(
    'user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
  )
})

test('a request that asks for nothing is refused', async () => {
  await using cluster = await startControllers()
  const { message } = await cluster.server.refused('POST', path, { metadata: { name: 'x' } })
  expect(message).toBe(
    'CertificateSigningRequest.certificates.k8s.io "x" is invalid: [spec.request: Invalid value: null: PEM block type must be CERTIFICATE REQUEST, spec.usages: Required value, spec.signerName: Required value]',
  )
})

test('approval and status are patched and replaced, each with its annotations', async () => {
  await using cluster = await startControllers()
  const { server } = cluster
  const { request } = await certificateRequest({ commonName: 'jane' })
  await ask(cluster, 'jane', { request, signerName: 'example.com/signer' })
  const headers = { 'content-type': 'application/merge-patch+json' }
  const patch = (part: string, body: object) =>
    server.send<CertificateSigningRequest>('PATCH', `${path}/jane/${part}`, body, { headers })
  const first = { type: 'ByPatch', status: 'True', reason: 'x' }
  const metadata = (annotations: Record<string, string>) => ({ metadata: { annotations } })
  const patched = await patch('approval', { ...metadata({ a: 'approval' }), status: { conditions: [first] } })
  expect([patched.metadata.annotations, patched.status?.conditions?.map(({ type }) => type)]).toEqual([
    { a: 'approval' },
    ['ByPatch'],
  ])
  const conditions = [...(patched.status?.conditions ?? []), { type: 'Approved', status: 'True', reason: 'x' }]
  const body = { ...patched, status: { conditions, certificate: 'aWdub3JlZA==' } }
  const approved = await server.send<CertificateSigningRequest>('PUT', `${path}/jane/approval`, body)
  expect([approved.status?.conditions?.at(1)?.type, approved.status?.certificate]).toEqual(['Approved', undefined])
  expect(approved.status?.conditions?.[1]?.lastUpdateTime).toBeDefined()

  const certificate = Buffer.from(server.authorities.ca.certificate).toString('base64')
  const signed = await patch('status', { ...metadata({ s: 'status' }), status: { certificate } })
  expect([signed.status?.certificate, signed.metadata.annotations]).toEqual([
    certificate,
    { a: 'approval', s: 'status' },
  ])
  const more = [...(signed.status?.conditions ?? []), { type: 'ByStatus', status: 'True' }]
  const updated = await server.send<CertificateSigningRequest>('PUT', `${path}/jane/status`, {
    ...signed,
    status: { ...signed.status, conditions: more },
  })
  expect(updated.status?.conditions?.map(({ type }) => type)).toEqual(['ByPatch', 'Approved', 'ByStatus'])
  const renamed = await server.send<CertificateSigningRequest>('PUT', `${path}/jane`, {
    ...updated,
    spec: { ...updated.spec, signerName: 'other.com/signer' },
  })
  expect(renamed.spec.signerName).toBe('example.com/signer')
})
