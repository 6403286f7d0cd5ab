import { expect, test } from 'vitest'
import { startServer, type TestServer } from '../testing/start-server.ts'

const no = "no relationship found between node 'n1' and this object"

async function withNodes(): Promise<TestServer> {
  const s = await startServer()
  for (const name of ['n1', 'n2']) await s.send('POST', '/api/v1/nodes', { metadata: { name } })
  const volumes = [
    { name: 's', secret: { secretName: 'mounted' } },
    { name: 'p', projected: { sources: [{ configMap: { name: 'projected' } }] } },
    { name: 'c', persistentVolumeClaim: { claimName: 'data' } },
  ]
  const env = [{ name: 'X', valueFrom: { secretKeyRef: { name: 'in-env', key: 'x' } } }]
  const spec = {
    nodeName: 'n1',
    volumes,
    imagePullSecrets: [{ name: 'pull' }],
    containers: [{ name: 'c', image: 'x', env }],
  }
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await s.send('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'p1' }, spec })
  return s
}

/** Why node n1 may not do something; undefined if it may. */
async function denied(s: TestServer, resourceAttributes: object): Promise<string | undefined> {
  const spec = { user: 'system:node:n1', groups: ['system:nodes'], resourceAttributes }
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const { status } = await s.send<{ status: { allowed: boolean; reason?: string } }>('POST', path, { spec })
  return status.allowed ? undefined : (status.reason ?? '')
}

test('a node reads what its own pods need', async () => {
  await using s = await withNodes()
  const get = (resource: string, name: string) => denied(s, { resource, name, verb: 'get', namespace: 'default' })
  for (const name of ['mounted', 'in-env', 'pull']) expect(await get('secrets', name)).toBeUndefined()
  expect(await get('configmaps', 'projected')).toBeUndefined()
  expect(await get('persistentvolumeclaims', 'data')).toBeUndefined()
  expect(await get('serviceaccounts', 'default')).toBeUndefined()
  expect(await get('pods', 'p1')).toBeUndefined()
  expect([await get('secrets', 'projected'), await get('configmaps', 'mounted'), await get('pods', 'other')]).toEqual([
    no,
    no,
    no,
  ])
  expect(await denied(s, { resource: 'secrets', verb: 'list', namespace: 'default' })).toBe('No Object name found')
  expect(await denied(s, { resource: 'secrets', name: 'mounted', verb: 'update', namespace: 'default' })).toBe(
    'can only read resources of this type',
  )
})

test('a node has its own Node and Lease, and tokens for the accounts of its pods', async () => {
  await using s = await withNodes()
  const node = (name: string) => denied(s, { resource: 'nodes', name, verb: 'get' })
  expect([await node('n1'), await node('n2')]).toEqual([
    undefined,
    "node 'n1' cannot read 'n2', only its own Node object",
  ])
  const lease = { group: 'coordination.k8s.io', resource: 'leases', verb: 'update', namespace: 'kube-node-lease' }
  expect(await denied(s, { ...lease, name: 'n1' })).toBeUndefined()
  expect(await denied(s, { ...lease, name: 'n2' })).toBe(
    'can only access node lease with the same name as the requesting node',
  )
  const token = { resource: 'serviceaccounts', subresource: 'token', verb: 'create', namespace: 'default' }
  expect([await denied(s, { ...token, name: 'default' }), await denied(s, { ...token, name: 'other' })]).toEqual([
    undefined,
    no,
  ])
})

test('a node lists the pods that are bound to it and no others', async () => {
  await using s = await withNodes()
  const list = (rawSelector: string) => denied(s, { resource: 'pods', verb: 'list', fieldSelector: { rawSelector } })
  expect(await list('spec.nodeName=n1')).toBeUndefined()
  expect(await list('spec.nodeName=n2')).toBe('can only list/watch pods with spec.nodeName field selector')
})

test('for the rest a node has the rules of system:node', async () => {
  await using s = await withNodes()
  expect(await denied(s, { resource: 'services', verb: 'list' })).toBeUndefined()
  expect(await denied(s, { group: 'apps', resource: 'deployments', verb: 'list' })).toBe('')
})
