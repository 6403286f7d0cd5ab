import { expect, test } from 'vitest'
import type { Pod, ResourceQuota } from '../../../../shared/api/core.ts'
import type { ResourceList } from '../../../../shared/machinery/resource-list.ts'
import { startServer, type TestServer } from '../../testing/start-server.ts'

const core = '/api/v1/namespaces/default'

/** A server with one quota, as a controller has counted it. */
async function withQuota(hard: ResourceList, spec: object = {}, used?: ResourceList): Promise<TestServer> {
  const server = await startServer()
  await server.send('POST', `${core}/serviceaccounts`, { metadata: { name: 'default' } })
  await addQuota(server, 'q', { hard, ...spec }, used)
  return server
}

async function addQuota(server: TestServer, name: string, spec: { hard: ResourceList }, used?: ResourceList) {
  const { hard } = spec
  const quota = await server.send<ResourceQuota>('POST', `${core}/resourcequotas`, { metadata: { name }, spec })
  const none = Object.fromEntries(Object.keys(hard).map(each => [each, '0']))
  const counted = { ...quota, status: { hard, used: used ?? none } }
  await server.send('PUT', `${core}/resourcequotas/${name}/status`, counted)
}

async function used(server: TestServer, name = 'q') {
  return (await server.send<ResourceQuota>('GET', `${core}/resourcequotas/${name}`)).status?.used
}

const pod = (name: string, resources: object = {}, spec: object = {}) => ({
  metadata: { name },
  spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i', resources }], ...spec },
})

const refusal = async (server: TestServer, body: object, path = 'pods') => {
  const { status } = await server.refused('POST', `${core}/${path}`, body)
  expect(status).toMatchObject({ code: 403, reason: 'Forbidden' })
  return status.message
}

test('what does not fit is refused, in all its amounts', async () => {
  await using server = await withQuota({ pods: '2', 'requests.cpu': '1', 'limits.memory': '1Gi' })
  await server.send('POST', `${core}/pods`, pod('a', { requests: { cpu: '600m' }, limits: { memory: '512Mi' } }))
  expect(await used(server)).toEqual({ pods: '1', 'requests.cpu': '600m', 'limits.memory': '512Mi' })
  expect(await refusal(server, pod('b', { requests: { cpu: '600m' }, limits: { memory: '1Gi' } }))).toBe(
    'pods "b" is forbidden: exceeded quota: q, requested: limits.memory=1Gi,requests.cpu=600m, used: limits.memory=512Mi,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1',
  )
  expect(await used(server)).toEqual({ pods: '1', 'requests.cpu': '600m', 'limits.memory': '512Mi' })
})

test('side by side no more is let in than there is room for', async () => {
  await using server = await withQuota({ pods: '5' })
  const names = Array.from({ length: 20 }, (_, i) => `p${i}`)
  const outcomes = await Promise.allSettled(names.map(name => server.send('POST', `${core}/pods`, pod(name))))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  expect(await used(server)).toEqual({ pods: '5' })
})

test('limits on CPU and memory require that all containers ask for them', async () => {
  await using server = await withQuota({ 'limits.cpu': '1', memory: '1Gi' })
  const spec = { initContainers: [{ name: 'i', image: 'i', resources: { limits: { cpu: '1' } } }] }
  expect(await refusal(server, pod('p', {}, spec))).toBe(
    'pods "p" is forbidden: failed quota: q: must specify limits.cpu for: c; memory for: c,i',
  )
})

test('a quota that nobody has counted yet lets nothing in', async () => {
  await using server = await withQuota({ pods: '1', cpu: '1' }, {}, { cpu: '0' })
  expect(await refusal(server, pod('p', { requests: { cpu: '1' } }))).toBe(
    'pods "p" is forbidden: status unknown for quota: q, resources: cpu,pods',
  )
})

test('neither a dry run nor a name that is taken is charged', async () => {
  await using server = await withQuota({ 'count/configmaps': '2', configmaps: '2' })
  const path = `${core}/configmaps`
  await server.send('POST', path, { metadata: { name: 'a' } }, { query: { dryRun: 'All' } })
  expect(await used(server)).toEqual({ 'count/configmaps': '0', configmaps: '0' })
  await server.send('POST', path, { metadata: { name: 'a' } })
  expect((await server.refused('POST', path, { metadata: { name: 'a' } })).status.reason).toBe('AlreadyExists')
  expect(await used(server)).toEqual({ 'count/configmaps': '1', configmaps: '1' })
  await server.send('POST', path, { metadata: { name: 'b' } })
  expect(await refusal(server, { metadata: { name: 'c' } }, 'configmaps')).toBe(
    'configmaps "c" is forbidden: exceeded quota: q, requested: configmaps=1,count/configmaps=1, used: configmaps=2,count/configmaps=2, limited: configmaps=2,count/configmaps=2',
  )
})

test.each([
  ['Terminating', pod('p', {}, { activeDeadlineSeconds: 60 }), pod('p')],
  ['NotTerminating', pod('p'), pod('p', {}, { activeDeadlineSeconds: 60 })],
  ['BestEffort', pod('p'), pod('p', { requests: { cpu: '1' } })],
  ['NotBestEffort', pod('p', { limits: { memory: '1Gi' } }), pod('p')],
  ['CrossNamespacePodAffinity', pod('p', {}, affinity({ namespaceSelector: {} })), pod('p', {}, affinity({}))],
])('scope %s', async (scope, inside, outside) => {
  await using server = await withQuota({ pods: '0' }, { scopes: [scope] })
  expect(await refusal(server, inside)).toContain('exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0')
  await server.send('POST', `${core}/pods`, outside)
})

function affinity(more: object) {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: {}, ...more }
  return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }
}

test('scopes may name priority classes', async () => {
  const matchExpressions = [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }]
  await using server = await withQuota({ pods: '1' }, { scopeSelector: { matchExpressions } })
  await server.send('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'high' }, value: 1 })
  const high = (name: string) => pod(name, {}, { priorityClassName: 'high' })
  await server.send('POST', `${core}/pods`, high('a'))
  await server.send('POST', `${core}/pods`, pod('b'))
  expect(await refusal(server, high('c'))).toContain('exceeded quota: q, requested: pods=1, used: pods=1')
})

test('a pod is charged in full by the scope that it moves into', async () => {
  await using server = await withQuota({ pods: '1' }, { scopes: ['Terminating'] })
  const made = await server.send<Pod>('POST', `${core}/pods`, pod('p'))
  expect(await used(server)).toEqual({ pods: '0' })
  await server.send('PUT', `${core}/pods/p`, { ...made, spec: { ...made.spec, activeDeadlineSeconds: 5 } })
  expect(await used(server)).toEqual({ pods: '1' })
})

test('a resized pod is charged for what it grows by', async () => {
  await using server = await withQuota({ 'requests.cpu': '1' })
  await server.send('POST', `${core}/pods`, pod('p', { requests: { cpu: '500m' } }))
  const resize = (cpu: string) =>
    [
      'PATCH',
      `${core}/pods/p/resize`,
      { spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] } },
    ] as const
  const headers = { 'content-type': 'application/strategic-merge-patch+json' }
  await server.send(...resize('800m'), { headers })
  expect(await used(server)).toEqual({ 'requests.cpu': '800m' })
  const { status } = await server.refused(...resize('1100m'), { headers })
  expect(status.message).toContain(
    'exceeded quota: q, requested: requests.cpu=300m, used: requests.cpu=800m, limited: requests.cpu=1',
  )
})

test('services are charged for node ports and load balancers', async () => {
  await using server = await withQuota({ services: '5', 'services.nodeports': '2', 'services.loadbalancers': '1' })
  const service = (name: string, type: string, ports: number[]) => ({
    metadata: { name },
    spec: { type, ports: ports.map(port => ({ name: `p${port}`, port })) },
  })
  await server.send('POST', `${core}/services`, service('a', 'ClusterIP', [1, 2, 3]))
  await server.send('POST', `${core}/services`, service('b', 'LoadBalancer', [1, 2]))
  expect(await used(server)).toEqual({ services: '2', 'services.nodeports': '2', 'services.loadbalancers': '1' })
  expect(await refusal(server, service('c', 'NodePort', [1]), 'services')).toContain('requested: services.nodeports=1')
})

test('claims are charged by their storage class, too', async () => {
  const gold = 'gold.storageclass.storage.k8s.io'
  await using server = await withQuota({ 'requests.storage': '10Gi', [`${gold}/requests.storage`]: '2Gi' })
  const claim = (name: string, storage: string, storageClassName = 'gold') => ({
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } },
  })
  await server.send('POST', `${core}/persistentvolumeclaims`, claim('a', '2Gi'))
  await server.send('POST', `${core}/persistentvolumeclaims`, claim('b', '2Gi', 'silver'))
  expect(await used(server)).toEqual({ 'requests.storage': '4Gi', [`${gold}/requests.storage`]: '2Gi' })
  expect(await refusal(server, claim('c', '1Gi'), 'persistentvolumeclaims')).toContain(
    `exceeded quota: q, requested: ${gold}/requests.storage=1Gi, used: ${gold}/requests.storage=2Gi, limited: ${gold}/requests.storage=2Gi`,
  )
})

test('extended resources and huge pages are limited by their requests', async () => {
  await using server = await withQuota({ 'requests.example.com/gpu': '1', 'hugepages-2Mi': '4Mi' })
  const wants = (gpu: string) => ({ limits: { 'example.com/gpu': gpu, 'hugepages-2Mi': '4Mi', cpu: '1' } })
  expect(await refusal(server, pod('a', wants('2')))).toContain('requested: requests.example.com/gpu=2')
  await server.send('POST', `${core}/pods`, pod('a', wants('1')))
  expect(await used(server)).toEqual({ 'requests.example.com/gpu': '1', 'hugepages-2Mi': '4Mi' })
})
