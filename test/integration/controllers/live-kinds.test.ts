import { expect, test } from 'vitest'
import type { LiveKinds } from '../../../main/controllers/live-kinds.ts'
import { configMaps, namespaces, secrets } from '../../../shared/api/core.ts'
import type { ResourceRef } from '../../../shared/api/ref.ts'
import { allKinds, startControllers } from './start-controllers.ts'

const widgets: ResourceRef = {
  group: 'example.com',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  namespaced: true,
}

test('a kind the server does not have holds up nothing for long, and one that comes later is collected, too', async () => {
  let kinds = [...allKinds.filter(ref => ref.resource !== 'secrets'), widgets]
  const listeners = new Set<() => void>()
  const live: LiveKinds = {
    current: () => kinds,
    subscribe(changed) {
      listeners.add(changed)
      return { [Symbol.dispose]: () => listeners.delete(changed) }
    },
  }
  await using cluster = await startControllers({ kinds: live })
  const { client, until, clock, informers } = cluster
  const owner = await client.create(configMaps, { metadata: { namespace: 'default', name: 'owner' } })
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }]
  const child = { namespace: 'default', name: 'child' }
  await client.create(configMaps, { metadata: { ...child, ownerReferences } })
  await client.create(secrets, { metadata: { ...child, ownerReferences } })
  await client.create(namespaces, { metadata: { name: 'team' } })
  await client.delete(configMaps, { namespace: 'default', name: 'owner' })
  await clock.advance(30_000)
  await until(configMaps, lister => !lister.get(child))
  expect((await client.get(secrets, child)).metadata.deletionTimestamp).toBeUndefined()

  kinds = allKinds
  for (const changed of listeners) changed()
  await informers.stop(widgets)
  await until(secrets, lister => !lister.get(child))
  await client.delete(namespaces, { namespace: '', name: 'team' })
  await until(namespaces, lister => !lister.get({ namespace: '', name: 'team' }))
})
