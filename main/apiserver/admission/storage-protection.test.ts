import { expect, test } from 'vitest'
import type { KubeObject } from '../../../shared/api/object.ts'
import { startServer } from '../testing/start-server.ts'

test('volumes and claims stay until nobody uses them', async () => {
  await using server = await startServer()
  const size = { storage: '1Gi' }
  const accessModes = ['ReadWriteOnce']
  const volume = await server.send<KubeObject>('POST', '/api/v1/persistentvolumes', {
    metadata: { name: 'v' },
    spec: { capacity: size, accessModes, hostPath: { path: '/x' } },
  })
  expect(volume.metadata.finalizers).toEqual(['kubernetes.io/pv-protection'])
  const claims = '/api/v1/namespaces/default/persistentvolumeclaims'
  const finalizers = ['example.com/mine', 'kubernetes.io/pvc-protection']
  const claim = await server.send<KubeObject>('POST', claims, {
    metadata: { name: 'c', finalizers },
    spec: { accessModes, resources: { requests: size } },
  })
  expect(claim.metadata.finalizers).toEqual(finalizers)
  const going = await server.send<KubeObject>('DELETE', `${claims}/c`)
  expect(going.metadata.deletionTimestamp).toBeDefined()
})
