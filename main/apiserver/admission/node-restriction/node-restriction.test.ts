import { expect, test } from 'vitest'
import type { Node, Pod } from '../../../../shared/api/core.ts'
import type { ApiRequest } from '../../../../shared/client/client.ts'
import { StatusError } from '../../../../shared/machinery/status.ts'
import { startServer, type TestServer } from '../../testing/start-server.ts'

const core = '/api/v1/namespaces/default'

/** A server with the nodes `n1` and `n2`, and a way in as the kubelet of n1. */
async function withNode() {
  const server = await startServer()
  await server.send('POST', `${core}/serviceaccounts`, { metadata: { name: 'default' } })
  const transport = server.server.transport({
    name: 'system:node:n1',
    groups: ['system:nodes', 'system:authenticated'],
  })
  const ask = (method: ApiRequest['method'], path: string, body?: unknown) =>
    transport.request<Node & Pod>({
      method,
      path,
      body,
      ...(method === 'PATCH' && { headers: { 'content-type': 'application/merge-patch+json' } }),
    })
  const refused = async (...request: Parameters<typeof ask>) => {
    const error = await ask(...request).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(StatusError)
    return (error as StatusError).status.message
  }
  await server.send('POST', '/api/v1/nodes', { metadata: { name: 'n2' } })
  return Object.assign(server, { ask, refused })
}

const bound = (name: string, nodeName: string) => ({
  metadata: { name },
  spec: { nodeName, containers: [{ name: 'c', image: 'i' }] },
})

async function podOn(server: TestServer, name: string, nodeName: string): Promise<Pod> {
  return server.send<Pod>('POST', `${core}/pods`, bound(name, nodeName))
}

test('a kubelet registers its own node, and keeps to labels that draw no pods to it', async () => {
  await using server = await withNode()
  const node = (name: string, labels: object) => ({ metadata: { name, labels } })
  expect(await server.refused('POST', '/api/v1/nodes', node('n3', {}))).toBe(
    'nodes "n3" is forbidden: node "n1" is not allowed to modify node "n3"',
  )
  expect(await server.refused('POST', '/api/v1/nodes', node('n1', { 'x.node-restriction.kubernetes.io/a': 'b' }))).toBe(
    'nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: x.node-restriction.kubernetes.io/a',
  )
  const made = await server.ask('POST', '/api/v1/nodes', node('n1', { 'kubernetes.io/os': 'linux', mine: '1' }))
  expect(made.spec.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }])
  expect(await server.refused('PATCH', '/api/v1/nodes/n1', { spec: { taints: null } })).toBe(
    'nodes "n1" is forbidden: node "n1" is not allowed to modify taints',
  )
  const relabelled = { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } }
  expect(await server.refused('PATCH', '/api/v1/nodes/n1', relabelled)).toBe(
    'nodes "n1" is forbidden: is not allowed to modify labels: node-role.kubernetes.io/control-plane',
  )
  await server.ask('PATCH', '/api/v1/nodes/n1', { metadata: { labels: { 'foo.node.kubernetes.io/a': 'b' } } })
})

test('a kubelet reports, deletes and evicts the pods of its own node only', async () => {
  await using server = await withNode()
  await podOn(server, 'mine', 'n1')
  await podOn(server, 'other', 'n2')
  const running = { status: { phase: 'Running' } }
  expect((await server.ask('PATCH', `${core}/pods/mine/status`, running)).status?.phase).toBe('Running')
  const relabelled = { metadata: { labels: { a: 'b' } } }
  expect(await server.refused('PATCH', `${core}/pods/mine/status`, relabelled)).toContain(
    'node "n1" cannot update labels through pod status',
  )
  expect(await server.refused('PATCH', `${core}/pods/other/status`, running)).toBe(
    'pods "other" is forbidden: node "n1" can only update pod status for pods with spec.nodeName set to itself',
  )
  expect(await server.refused('DELETE', `${core}/pods/other`)).toContain('can only delete pods with spec.nodeName')
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'other' } }
  expect(await server.refused('POST', `${core}/pods/other/eviction`, eviction)).toContain(
    'node n1 can only evict pods with spec.nodeName set to itself',
  )
  await server.ask('DELETE', `${core}/pods/mine`)
})

test('a kubelet makes mirror pods of its own, which refer to nothing', async () => {
  await using server = await withNode()
  const { metadata } = await server.ask('POST', '/api/v1/nodes', { metadata: { name: 'n1' } })
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: metadata.uid, controller: true }
  const pod = (more: object, spec: object = {}) => ({
    metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [owner], ...more },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...spec },
  })
  const refusal = async (body: object) => server.refused('POST', `${core}/pods`, body)
  expect(await refusal(bound('m', 'n1'))).toContain('node "n1" can only create mirror pods')
  expect(await refusal(pod({ ownerReferences: [] }))).toContain('can only create pods with an owner reference')
  expect(await refusal(pod({ ownerReferences: [{ ...owner, uid: 'x' }] }))).toContain('node n1 UID mismatch')
  expect(await refusal(pod({}, { nodeName: 'n2' }))).toContain('can only create pods with spec.nodeName set to itself')
  const envFrom = [{ secretRef: { name: 's' } }]
  expect(await refusal(pod({}, { containers: [{ name: 'c', image: 'i', envFrom }] }))).toContain(
    'can not create pods that reference secrets',
  )
  await server.ask('POST', `${core}/pods`, pod({}))
})

test('a kubelet gets tokens for its own pods, and for those whom they talk to', async () => {
  await using server = await withNode()
  await server.ask('POST', '/api/v1/nodes', { metadata: { name: 'n1' } })
  const sources = [{ serviceAccountToken: { path: 'vault', audience: 'vault' } }]
  const volumes = [{ name: 'v', projected: { sources } }]
  const { metadata } = await server.send<Pod>('POST', `${core}/pods`, {
    ...bound('mine', 'n1'),
    spec: { ...bound('mine', 'n1').spec, volumes },
  })
  const other = await podOn(server, 'other', 'n2')
  const path = `${core}/serviceaccounts/default/token`
  const request = (pod: { name: string; uid: string } | undefined, ...audiences: string[]) => ({
    spec: { audiences, ...(pod && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...pod } }) },
  })
  const mine = { name: 'mine', uid: metadata.uid }
  await server.ask('POST', path, request(mine))
  await server.ask('POST', path, request(mine, 'vault'))
  expect(await server.refused('POST', path, request(undefined))).toContain('node requested token not bound to a pod')
  expect(await server.refused('POST', path, request(mine, 'bank'))).toContain(
    'audience "bank" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience',
  )
  expect(await server.refused('POST', path, request({ name: 'other', uid: other.metadata.uid }))).toContain(
    'node requested token bound to a pod scheduled on a different node',
  )
})

test('pods get the zone of the node that they are bound to', async () => {
  await using server = await withNode()
  const labels = { 'topology.kubernetes.io/zone': 'z1', other: 'x' }
  await server.send('POST', '/api/v1/nodes', { metadata: { name: 'n1', labels } })
  await server.send('POST', `${core}/pods`, {
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  })
  const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } }
  await server.send('POST', `${core}/pods/p/binding`, binding)
  const { metadata } = await server.send<Pod>('GET', `${core}/pods/p`)
  expect(metadata.labels).toEqual({ 'topology.kubernetes.io/zone': 'z1' })
})
