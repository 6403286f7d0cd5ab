import { expect, test } from 'vitest'
import type { KubeEvent } from '../../shared/api/core.ts'
import type { EventsEvent } from '../../shared/api/events.ts'
import type { KubeList } from '../../shared/api/object.ts'
import { startServer } from './testing/start-server.ts'

const old = '/api/v1/namespaces/default/events'
const present = '/apis/events.k8s.io/v1/namespaces/default/events'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const body = {
  metadata: { name: 'e' },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'example.com/c',
  reportingInstance: 'c-1',
  action: 'Binding',
  reason: 'Scheduled',
  type: 'Normal',
  note: 'here',
  regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
}

test('an event of either group is one object under two names', async () => {
  await using server = await startServer()
  const made = await server.send<EventsEvent>('POST', present, body)
  expect(made).toMatchObject({ apiVersion: 'events.k8s.io/v1', kind: 'Event', note: 'here' })
  expect(await server.send<KubeEvent>('GET', `${old}/e`)).toMatchObject({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { uid: made.metadata.uid, resourceVersion: made.metadata.resourceVersion },
    involvedObject: body.regarding,
    message: 'here',
    reportingComponent: 'example.com/c',
  })
  const series = { count: 2, lastObservedTime: '2026-01-01T00:01:00.000000Z' }
  await server.send('PATCH', `${present}/e`, { series }, merge)
  expect(await server.send<KubeEvent>('GET', `${old}/e`)).toMatchObject({ series })

  const event = { metadata: { name: 'f' }, involvedObject: body.regarding, message: 'old', count: 3 }
  await server.send('POST', old, event)
  const found = await server.send<KubeList<EventsEvent>>('GET', present, undefined, {
    query: { fieldSelector: 'regarding.name=p' },
  })
  expect(found.items.map(({ note }) => note)).toEqual(['here', 'old'])
  expect(found.items[1]).toMatchObject({ deprecatedCount: 3, eventTime: null })
})

test('what the newer group does not take', async () => {
  await using server = await startServer()
  const { status } = await server.refused('POST', present, { ...body, deprecatedCount: 1, type: 'Odd' })
  expect(status).toMatchObject({ code: 422, reason: 'Invalid' })
  expect(status.details?.causes?.map(({ field }) => field)).toEqual(['type', 'count'])
})

test('component statuses can be read and nothing else', async () => {
  await using server = await startServer()
  const path = '/api/v1/componentstatuses'
  const { items } = await server.send<KubeList>('GET', path)
  expect(items.map(({ metadata }) => metadata.name)).toEqual(['controller-manager', 'scheduler', 'etcd-0'])
  expect(await server.send('GET', `${path}/scheduler`)).toMatchObject({
    kind: 'ComponentStatus',
    conditions: [{ type: 'Healthy', status: 'True' }],
  })
  expect((await server.refused('GET', `${path}/nobody`)).status.code).toBe(404)
  expect((await server.refused('POST', path, { metadata: { name: 'x' } })).status.code).toBe(405)
})
