import { expect, test } from 'vitest'
import type { Table } from '../../../shared/api/meta.ts'
import { startServer } from '../testing/start-server.ts'

test('a Scale is shown in the columns of its own kind', async () => {
  await using s = await startServer()
  const deployments = '/apis/apps/v1/namespaces/default/deployments'
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
  const spec = { replicas: 3, selector: { matchLabels: { a: 'b' } }, template }
  await s.send('POST', deployments, { metadata: { name: 'd' }, spec })
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
  const table = await s.send<Table>('GET', `${deployments}/d/scale`, undefined, { headers: { accept } })
  expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Desired', 'Available', 'Age'])
  expect(table.rows[0]?.cells.slice(0, 3)).toEqual(['d', 3, 0])
  expect(await s.send('GET', `${deployments}/d/scale`)).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
})
