import { expect, test } from 'vitest'
import type { Pod } from '../../../shared/api/core.ts'
import { startServer } from '../testing/start-server.ts'

const pods = '/api/v1/namespaces/default/pods'
const patch = { headers: { 'content-type': 'application/strategic-merge-patch+json' } }
const asking = (cpu: string, memory: string) => ({
  spec: { containers: [{ name: 'c', resources: { requests: { cpu, memory } } }] },
})

/** A pod on a node with a CPU and 1Gi of memory for pods. */
async function start({ labels = {}, nodeName = 'n' } = {}) {
  const server = await startServer()
  await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const status = {
    capacity: { cpu: '2', memory: '2Gi' },
    allocatable: { cpu: '1', memory: '1Gi' },
    declaredFeatures: ['InPlacePodLevelResourcesVerticalScaling'],
  }
  await server.send('POST', '/api/v1/nodes', { metadata: { name: 'n', labels }, status })
  const container = { image: 'i', ...asking('500m', '64Mi').spec.containers[0] }
  const spec = { nodeName, automountServiceAccountToken: false, containers: [container] }
  await server.send('POST', pods, { metadata: { name: 'p' }, spec })
  return server
}

test('a pod gets as much as its node has, and no more', async () => {
  await using server = await start()
  const resized = await server.send<Pod>('PATCH', `${pods}/p/resize`, asking('1', '1Gi'), patch)
  expect(resized.spec.containers[0]?.resources).toEqual(asking('1', '1Gi').spec.containers[0]?.resources)
  const { status } = await server.refused('PATCH', `${pods}/p/resize`, asking('1500m', '2Gi'), patch)
  expect(status).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message:
      'pods "p" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 1500, allocatable: 1000; memory, requested: 2147483648, allocatable: 1073741824',
    details: { name: 'p', kind: 'pods', causes: [{ reason: 'NodeCapacity' }] },
  })
})

test('what is asked for the pod as a whole counts', async () => {
  await using server = await start()
  const whole = { spec: { resources: { requests: { cpu: '2', memory: '64Mi' } } } }
  const { status } = await server.refused('PATCH', `${pods}/p/resize`, whole, patch)
  expect(status.message).toContain('allocatable resources: cpu, requested: 2000, allocatable: 1000')
})

test.each([
  [{ nodeName: 'gone' }, 'node "gone" not found', undefined],
  [
    { labels: { 'kubernetes.io/os': 'windows' } },
    'pod resize is only supported on linux nodes, node "n" is "windows"',
    [{ reason: 'UnsupportedPlatform' }],
  ],
])('refuses a pod on %j', async (given, why, causes) => {
  await using server = await start(given)
  const { status } = await server.refused('PATCH', `${pods}/p/resize`, asking('1', '64Mi'), patch)
  expect(status).toMatchObject({ code: 403, message: `pods "p" is forbidden: ${why}` })
  expect(status.details?.causes).toEqual(causes)
})

test('a pod that has no node yet may ask for anything', async () => {
  await using server = await start({ nodeName: '' })
  expect(await server.send('PATCH', `${pods}/p/resize`, asking('100', '1Ti'), patch)).toMatchObject(
    asking('100', '1Ti'),
  )
})
