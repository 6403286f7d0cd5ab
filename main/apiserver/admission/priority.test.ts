import { expect, test } from 'vitest'
import type { Pod } from '../../../shared/api/core.ts'
import { startServer } from '../testing/start-server.ts'

const pods = '/api/v1/namespaces/default/pods'
const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
const pod = (spec: object) => ({
  metadata: { name: 'p' },
  spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }], ...spec },
})

async function start() {
  const server = await startServer()
  await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  return server
}

test('a pod gets the priority of its class, and what it says itself must agree', async () => {
  await using server = await start()
  await server.send('POST', classes, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' })
  const made = await server.send<Pod>('POST', pods, pod({ priorityClassName: 'high' }))
  expect(made.spec).toMatchObject({ priorityClassName: 'high', priority: 1000, preemptionPolicy: 'Never' })

  const refused = async (spec: object) => (await server.refused('POST', pods, pod(spec))).status.message
  expect(await refused({ priorityClassName: 'none' })).toBe(
    'pods "p" is forbidden: no PriorityClass with name none was found',
  )
  expect(await refused({ priorityClassName: 'high', priority: 5 })).toContain(
    'priority admission controller computed 1000',
  )
  expect(await refused({ priorityClassName: 'high', preemptionPolicy: 'PreemptLowerPriority' })).toContain(
    'the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec',
  )
})

test('the default class is for pods that name none, and there is one', async () => {
  await using server = await start()
  const before = await server.send<Pod>('POST', pods, pod({}), { query: { dryRun: 'All' } })
  expect(before.spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
  await server.send('POST', classes, { metadata: { name: 'usual' }, value: 7, globalDefault: true })
  const { status } = await server.refused('POST', classes, {
    metadata: { name: 'other' },
    value: 8,
    globalDefault: true,
  })
  expect(status).toMatchObject({
    code: 403,
    message:
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
  })
  const made = await server.send<Pod>('POST', pods, pod({}))
  expect(made.spec).toMatchObject({ priorityClassName: 'usual', priority: 7 })
})

test('every cluster has the classes of the system', async () => {
  await using server = await start()
  const made = await server.send<Pod>('POST', pods, pod({ priorityClassName: 'system-node-critical' }))
  expect(made.spec.priority).toBe(2_000_001_000)
})
