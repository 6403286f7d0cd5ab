import { expect, test } from 'vitest'
import type { Pod } from '../../../shared/api/core.ts'
import { startServer } from '../testing/start-server.ts'
import { applyType } from './apply.ts'

const apply = { headers: { 'content-type': applyType }, query: { fieldManager: 'me' } }

test('what is nil in Go stays out of what is applied', async () => {
  await using s = await startServer()
  const spec = { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }] }
  await s.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec }
  const made = await s.send<Pod>('PATCH', '/api/v1/namespaces/default/pods/p', pod, apply)
  expect(made.spec).toMatchObject(spec)
  expect(Object.keys(made.spec)).not.toContain('resources')

  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: spec.containers } }
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { template } }
  const refused = await s.refused('PATCH', '/apis/apps/v1/namespaces/default/deployments/d', deployment, apply)
  expect(refused.status.details?.causes?.[0]).toMatchObject({ field: 'spec.selector', message: 'Required value' })
})
