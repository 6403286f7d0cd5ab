import { get } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, it } from 'vitest'
import { withoutDocker } from '../helpers/docker.ts'
import { useCluster } from '../helpers/cluster.ts'

describe.skipIf(withoutDocker)('the API proxy', () => {
  const { kubectl } = useCluster('proxy')

  beforeAll(async () => {
    const image = ['--image=podbay.test/http:1', '--image-pull-policy=IfNotPresent']
    await kubectl.ok(['run', 'web', ...image, '--port=8080', '--expose'])
    await kubectl.ok(['wait', 'pod/web', '--for=condition=Ready', '--timeout=120s'])
  })

  it('reaches a pod, its Service and its node with kubectl', async () => {
    const raw = (path: string) => kubectl.ok(['get', '--raw', path])
    // Without a probe a pod is ready before its server listens.
    await expect
      .poll(() => kubectl.run(['get', '--raw', '/api/v1/namespaces/default/pods/web/proxy/']))
      .toMatchObject({ stdout: 'web\n' })
    await expect
      .poll(() => kubectl.run(['get', '--raw', '/api/v1/namespaces/default/services/web:8080/proxy/']))
      .toMatchObject({ stdout: 'web\n' })
    const node = (await kubectl.ok(['get', 'nodes', '-o', 'name'])).trim().replace('node/', '')
    expect(await raw(`/api/v1/nodes/${node}/proxy/healthz`)).toBe('ok')
    const { output } = await kubectl.run(['get', '--raw', '/api/v1/namespaces/default/pods/web:1/proxy/'])
    expect(output).toMatch(/error trying to reach service: dial tcp [\d.]+:1: connect: connection refused/)
  })

  it('is served on by kubectl proxy', async () => {
    const child = kubectl.start(['proxy', '--port=0'])
    const closed = new Promise(resolve => child.once('close', resolve))
    try {
      let port = 0
      for await (const line of createInterface({ input: child.stdout })) {
        port = Number(/:(\d+)$/.exec(line)?.[1])
        break
      }
      const path = '/api/v1/namespaces/default/pods/web/proxy/'
      const body = new Promise<string>((resolve, reject) => {
        get({ host: '127.0.0.1', port, path, agent: false }, answer => resolve(text(answer))).on('error', reject)
      })
      expect(await body).toBe('web\n')
    } finally {
      child.kill()
      await closed
    }
  })
})
