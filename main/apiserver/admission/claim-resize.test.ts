import { expect, test } from 'vitest'
import { startServer } from '../testing/start-server.ts'

const claims = '/api/v1/namespaces/default/persistentvolumeclaims'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
const size = (storage: string) => ({ spec: { resources: { requests: { storage } } } })

test.each([
  ['grows', true],
  ['fixed', false],
])('a bound claim of class %s', async (name, allowVolumeExpansion) => {
  await using server = await startServer()
  const metadata = { name }
  await server.send('POST', '/apis/storage.k8s.io/v1/storageclasses', {
    metadata,
    provisioner: 'a.b/c',
    allowVolumeExpansion,
  })
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: name, volumeName: 'v', ...size('1Gi').spec }
  await server.send('POST', claims, { metadata: { name: 'c' }, spec })
  const status = { phase: 'Bound', capacity: { storage: '1Gi' } }
  await server.send('PATCH', `${claims}/c/status`, { status }, merge)
  if (allowVolumeExpansion) {
    expect(await server.send('PATCH', `${claims}/c`, size('2Gi'), merge)).toMatchObject(size('2Gi'))
    return
  }
  const refused = await server.refused('PATCH', `${claims}/c`, size('2Gi'), merge)
  expect(refused.status).toMatchObject({ code: 403 })
  expect(refused.status.message).toContain('only dynamically provisioned pvc can be resized')
})
