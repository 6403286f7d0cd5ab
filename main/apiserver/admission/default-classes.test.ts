import { expect, test } from 'vitest'
import type { PersistentVolumeClaim } from '../../../shared/api/core.ts'
import type { Ingress } from '../../../shared/api/networking.ts'
import { startServer } from '../testing/start-server.ts'

const claims = '/api/v1/namespaces/default/persistentvolumeclaims'
const classes = '/apis/storage.k8s.io/v1/storageclasses'
const claim = (spec: object) => ({
  metadata: { name: 'c' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
})
const dryRun = { query: { dryRun: 'All' } }

test('claims that say nothing about their class get the default one, if there is any', async () => {
  await using server = await startServer()
  const classNow = async (spec: object) =>
    (await server.send<PersistentVolumeClaim>('POST', claims, claim(spec), dryRun)).spec.storageClassName
  expect(await classNow({})).toBeUndefined()
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  await server.send('POST', classes, { metadata: { name: 'usual', annotations }, provisioner: 'a.b/c' })
  await server.send('POST', classes, { metadata: { name: 'other' }, provisioner: 'a.b/c' })
  expect(await classNow({})).toBe('usual')
  expect(await classNow({ storageClassName: '' })).toBe('')
  expect(await classNow({ storageClassName: 'other' })).toBe('other')
  await server.send('DELETE', `${classes}/usual`)
  expect(await classNow({})).toBeUndefined()
})

test('Ingresses without a class get the default one', async () => {
  await using server = await startServer()
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
  const path = '/apis/networking.k8s.io/v1'
  await server.send('POST', `${path}/ingressclasses`, {
    metadata: { name: 'usual', annotations },
    spec: { controller: 'example.com/c' },
  })
  const ingresses = `${path}/namespaces/default/ingresses`
  const body = { metadata: { name: 'i' }, spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } }
  const made = await server.send<Ingress>('POST', ingresses, body, dryRun)
  expect(made.spec.ingressClassName).toBe('usual')
  const old = { name: 'i', annotations: { 'kubernetes.io/ingress.class': 'x' } }
  const kept = await server.send<Ingress>('POST', ingresses, { ...body, metadata: old }, dryRun)
  expect(kept.spec.ingressClassName).toBeUndefined()
})
