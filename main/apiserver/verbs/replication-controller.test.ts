import { expect, test } from 'vitest'
import type { ReplicationController } from '../../../shared/api/core.ts'
import { startServer } from '../testing/start-server.ts'

const path = '/api/v1/namespaces/default/replicationcontrollers'
const spec = {
  template: { metadata: { labels: { app: 'web', tier: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
}

test('a deletion that names no policy leaves the dependents, one that does has its way', async () => {
  await using s = await startServer()
  for (const name of ['a', 'b']) await s.send('POST', path, { metadata: { name }, spec })
  const orphaning = await s.send<ReplicationController>('DELETE', `${path}/a`)
  expect(orphaning.metadata.finalizers).toEqual(['orphan'])
  await s.send('DELETE', `${path}/b`, { propagationPolicy: 'Background' })
  expect((await s.refused('GET', `${path}/b`)).code).toBe(404)
})

test('its scale shows the plain selector as text', async () => {
  await using s = await startServer()
  await s.send('POST', path, { metadata: { name: 'a' }, spec })
  const scale = await s.send('GET', `${path}/a/scale`)
  expect(scale).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 0, selector: 'app=web,tier=a' } })
})
