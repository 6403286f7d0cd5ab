import { CoreV1Api, KubeConfig, V1ConfigMap, V1ObjectMeta, Watch } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import type { ConfigMap } from '../../../shared/api/core.ts'
import { startServer } from '../testing/start-server.ts'

test('@kubernetes/client-node lists, creates and watches', async () => {
  await using s = await startServer()
  const { port } = await s.server.listen({ host: '127.0.0.1', port: 0 })
  const { ca, admin } = s.authorities
  const base64 = (pem: string) => Buffer.from(pem).toString('base64')
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [{ name: 'c', server: `https://127.0.0.1:${port}`, caData: base64(ca.certificate) }],
    users: [{ name: 'u', certData: base64(admin.certificate), keyData: base64(admin.key) }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  })
  const api = config.makeApiClient(CoreV1Api)
  const seen = Promise.withResolvers<ConfigMap>()
  const path = '/api/v1/namespaces/default/configmaps'
  const controller = await new Watch(config).watch(
    path,
    {},
    (_phase, object: ConfigMap) => seen.resolve(object),
    () => undefined,
  )
  try {
    const metadata = Object.assign(new V1ObjectMeta(), { name: 'a' })
    const body = Object.assign(new V1ConfigMap(), { metadata, data: { k: 'v' } })
    await api.createNamespacedConfigMap({ namespace: 'default', body })
    expect((await seen.promise).data).toEqual({ k: 'v' })
    const { items } = await api.listNamespacedConfigMap({ namespace: 'default' })
    expect(items.map(item => item.metadata?.name)).toEqual(['a'])
    await expect(api.readNamespacedConfigMap({ namespace: 'default', name: 'none' })).rejects.toMatchObject({
      code: 404,
    })
  } finally {
    controller.abort()
  }
})
