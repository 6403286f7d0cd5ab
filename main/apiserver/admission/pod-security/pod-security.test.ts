import { expect, test } from 'vitest'
import type { Pod } from '../../../../shared/api/core.ts'
import { ask, startListening } from '../../testing/ask.ts'

type Server = Awaited<ReturnType<typeof startListening>>

const label = (mode: string) => `pod-security.kubernetes.io/${mode}`
const pods = '/api/v1/namespaces/n/pods'

/** A server with a namespace `n` of these labels. */
async function withLabels(labels: Record<string, string>): Promise<Server> {
  const server = await startListening()
  await server.send('POST', '/api/v1/namespaces', { metadata: { name: 'n', labels } })
  await server.send('POST', '/api/v1/namespaces/n/serviceaccounts', { metadata: { name: 'default' } })
  return server
}

const hostPort = { ports: [{ containerPort: 80, hostPort: 8080 }] }
const spec = (container: object = {}) => ({
  automountServiceAccountToken: false,
  containers: [{ name: 'c', image: 'i', ...container }],
})
const pod = (name: string, container?: object, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: spec(container),
})

/** The warnings of a write that succeeds. */
async function warnings(server: Server, method: string, path: string, body: object): Promise<string[]> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const headers = { 'content-type': type }
  const answer = await ask(server, path, { method, headers, body: JSON.stringify(body) })
  expect([200, 201]).toContain(answer.status)
  const texts = (answer.headers['warning'] ?? '').matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)
  return [...texts].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'))
}

const restricted =
  'hostPort (container "c" uses hostPort 8080), allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'

test('a pod that violates the level of its namespace is refused', async () => {
  await using server = await withLabels({ [label('enforce')]: 'restricted' })
  const { status } = await server.refused('POST', pods, pod('p', hostPort))
  expect(status).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message: `pods "p" is forbidden: violates PodSecurity "restricted:latest": ${restricted}`,
  })
})

test('what is not enforced is warned about, in the version that was asked for', async () => {
  await using server = await withLabels({
    [label('enforce')]: 'baseline',
    [label('warn')]: 'restricted',
    [label('warn-version')]: 'v1.7',
  })
  expect(await warnings(server, 'POST', pods, pod('p'))).toEqual([
    'would violate PodSecurity "restricted:v1.7": runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)',
  ])
  expect(await warnings(server, 'PATCH', `${pods}/p`, { metadata: { labels: { a: 'b' } } })).toEqual([])
  const image = { spec: { containers: [{ name: 'c', image: 'j' }] } }
  expect(await warnings(server, 'PATCH', `${pods}/p`, image)).toHaveLength(1)
})

test('templates are only warned about, by default at the level that is enforced', async () => {
  await using server = await withLabels({ [label('enforce')]: 'baseline' })
  const labels = { app: 'web' }
  const deployment = {
    metadata: { name: 'd' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: spec(hostPort).containers } },
    },
  }
  expect(await warnings(server, 'POST', '/apis/apps/v1/namespaces/n/deployments', deployment)).toEqual([
    'would violate PodSecurity "baseline:latest": hostPort (container "c" uses hostPort 8080)',
  ])
})

test('ephemeral containers are held to the level, too', async () => {
  await using server = await withLabels({ [label('enforce')]: 'baseline' })
  const made = await server.send<Pod>('POST', pods, pod('p'))
  const ephemeralContainers = [{ name: 'debug', image: 'i', securityContext: { privileged: true } }]
  const body = { ...made, spec: { ...made.spec, ephemeralContainers } }
  const { status } = await server.refused('PUT', `${pods}/p/ephemeralcontainers`, body)
  expect(status.message).toBe(
    'pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged (container "debug" must not set securityContext.privileged=true)',
  )
})

test('a stricter level is checked against the pods that are there', async () => {
  await using server = await withLabels({})
  const owner = { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc', uid: 'u', controller: true }
  for (const name of ['a', 'b', 'c']) {
    await server.send('POST', pods, pod(name, hostPort, { ownerReferences: [owner] }))
  }
  await server.send('POST', pods, pod('d', { securityContext: { privileged: true } }))
  await server.send('POST', pods, pod('e'))
  const set = (labels: object) => warnings(server, 'PATCH', '/api/v1/namespaces/n', { metadata: { labels } })
  expect(await set({ [label('enforce')]: 'baseline' })).toEqual([
    'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
    'a (and 2 other pods): hostPort',
    'd: privileged',
  ])
  expect(await set({ [label('warn')]: 'baseline' })).toEqual([])
  expect(await set({ [label('enforce')]: 'privileged' })).toEqual([])
})

test('labels must name levels and versions', async () => {
  await using server = await withLabels({})
  const labels = { [label('enforce')]: 'strict', [label('audit-version')]: '1.20' }
  const { status } = await server.refused('POST', '/api/v1/namespaces', { metadata: { name: 'm', labels } })
  expect(status).toMatchObject({
    code: 422,
    message:
      'Namespace "m" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: "1.20": must be "latest" or "v1.x"]',
  })
})
