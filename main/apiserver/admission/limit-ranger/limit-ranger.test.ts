import { expect, test } from 'vitest'
import type { Pod } from '../../../../shared/api/core.ts'
import { startServer, type TestServer } from '../../testing/start-server.ts'

const core = '/api/v1/namespaces/default'

async function withLimits(...limits: object[]): Promise<TestServer> {
  const server = await startServer()
  await server.send('POST', `${core}/serviceaccounts`, { metadata: { name: 'default' } })
  await server.send('POST', `${core}/limitranges`, { metadata: { name: 'l' }, spec: { limits } })
  return server
}

const pod = (resources: object = {}, more: object = {}) => ({
  metadata: { name: 'p' },
  spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i', resources }], ...more },
})

test('containers get the defaults for what they leave out', async () => {
  const limits = { type: 'Container', default: { cpu: '500m', memory: '1Gi' }, defaultRequest: { cpu: '100m' } }
  await using server = await withLimits(limits)
  const init = { initContainers: [{ name: 'i', image: 'i' }] }
  const made = await server.send<Pod>('POST', `${core}/pods`, pod({ limits: { cpu: '2' } }, init))
  expect(made.spec.containers[0]?.resources).toEqual({
    limits: { cpu: '2', memory: '1Gi' },
    requests: { cpu: '2', memory: '1Gi' },
  })
  expect(made.spec.initContainers?.[0]?.resources).toEqual({
    limits: { cpu: '500m', memory: '1Gi' },
    requests: { cpu: '100m', memory: '1Gi' },
  })
  expect(made.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
    'LimitRanger plugin set: memory request for container c; memory limit for container c; cpu, memory request for init container i; cpu, memory limit for init container i',
  )
})

const gpu = 'example.com/gpu'

test.each([
  [
    { type: 'Container', max: { cpu: '1' } },
    { limits: { cpu: '2' }, requests: { cpu: '1' } },
    'maximum cpu usage per Container is 1, but limit is 2',
  ],
  [
    { type: 'Container', min: { memory: '100Mi' } },
    { requests: { memory: '50Mi' } },
    'minimum memory usage per Container is 100Mi, but request is 50Mi',
  ],
  [{ type: 'Pod', min: { [gpu]: '1' } }, {}, `minimum ${gpu} usage per Pod is 1.  No request is specified`],
  [{ type: 'Pod', max: { cpu: '1' } }, {}, 'maximum cpu usage per Pod is 1.  No limit is specified'],
  [
    { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
    { limits: { cpu: '1' }, requests: { cpu: '300m' } },
    'cpu max limit to request ratio per Container is 2, but provided ratio is 3.333333',
  ],
  [
    { type: 'Container', min: { cpu: '1' }, max: { memory: '1Gi' } },
    { limits: { cpu: '2', memory: '2Gi' }, requests: { cpu: '500m' } },
    '[minimum cpu usage per Container is 1, but request is 500m, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
  ],
])('%j refuses %j', async (limits, resources, why) => {
  await using server = await withLimits(limits)
  const { status } = await server.refused('POST', `${core}/pods`, pod(resources))
  expect(status).toMatchObject({ code: 403, reason: 'Forbidden', message: `pods "p" is forbidden: ${why}` })
})

test('claims are held to their limits, too', async () => {
  await using server = await withLimits({
    type: 'PersistentVolumeClaim',
    min: { storage: '1Gi' },
    max: { storage: '5Gi' },
  })
  const claim = (storage: string) => ({
    metadata: { name: 'c' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  })
  const path = `${core}/persistentvolumeclaims`
  const less = await server.refused('POST', path, claim('500Mi'))
  expect(less.status.message).toBe(
    'persistentvolumeclaims "c" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
  )
  const more = await server.refused('POST', path, claim('6Gi'))
  expect(more.status.message).toContain('maximum storage usage per PersistentVolumeClaim is 5Gi, but request is 6Gi')
  await server.send('POST', path, claim('5Gi'))
})
