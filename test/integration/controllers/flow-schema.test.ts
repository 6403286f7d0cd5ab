import { expect, test } from 'vitest'
import { flowSchemas, priorityLevelConfigurations } from '../../../shared/api/flowcontrol.ts'
import { startControllers } from './start-controllers.ts'

const key = (name: string) => ({ namespace: '', name })

test('a FlowSchema says whether its priority level is missing', async () => {
  await using cluster = await startControllers()
  const { client, until } = cluster
  const dangling = async (name: string, status: string) => {
    const conditionsOf = (at: typeof name) => cluster.informers.informer(flowSchemas).get(key(at))?.status?.conditions
    await until(flowSchemas, () => conditionsOf(name)?.[0]?.status === status)
    return conditionsOf(name)
  }
  const about = 'This FlowSchema references the PriorityLevelConfiguration object named'
  expect(await dangling('exempt', 'False')).toMatchObject([
    { type: 'Dangling', reason: 'Found', message: `${about} "exempt" and it exists` },
  ])

  const spec = { priorityLevelConfiguration: { name: 'mine' }, matchingPrecedence: 50 }
  await client.create(flowSchemas, { metadata: key('schema'), spec })
  expect(await dangling('schema', 'True')).toMatchObject([
    { type: 'Dangling', reason: 'NotFound', message: `${about} "mine" but there is no such object` },
  ])
  const limited = { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } }
  await client.create(priorityLevelConfigurations, { metadata: key('mine'), spec: { type: 'Limited', limited } })
  expect(await dangling('schema', 'False')).toHaveLength(1)
  await client.delete(priorityLevelConfigurations, key('mine'))
  expect(await dangling('schema', 'True')).toHaveLength(1)
})
