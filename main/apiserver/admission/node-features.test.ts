import { expect, test } from 'vitest'
import type { Pod } from '../../../shared/api/core.ts'
import { startServer } from '../testing/start-server.ts'

const pods = '/api/v1/namespaces/default/pods'
const patch = { headers: { 'content-type': 'application/strategic-merge-patch+json' } }
const asking = (cpu: string) => ({ resources: { requests: { cpu } } })
const names = ['InPlacePodLevelResourcesVerticalScaling', 'InPlacePodVerticalScalingInitContainers']

/** A pod with an init container and a sidecar, on a node that declares features. */
async function start(declaredFeatures: string[], nodeName = 'n') {
  const server = await startServer()
  await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await server.send('POST', '/api/v1/nodes', {
    metadata: { name: 'n' },
    status: { capacity: { cpu: '8', memory: '8Gi' }, declaredFeatures },
  })
  const container = (name: string) => ({ name, image: 'i', ...asking('500m') })
  const initContainers = [container('first'), { ...container('beside'), restartPolicy: 'Always' }]
  const spec = { nodeName, automountServiceAccountToken: false, initContainers, containers: [container('c')] }
  await server.send('POST', pods, { metadata: { name: 'p' }, spec })
  return server
}

const changes = [
  { ...asking('4'), initContainers: [{ name: 'first', ...asking('2') }] },
  { initContainers: [{ name: 'beside', ...asking('1') }], containers: [{ name: 'c', ...asking('1') }] },
]

test.each([
  [changes[0], [], `pod update requires features ${names.join(', ')} which are not available on node "n"`],
  [changes[0], names.slice(0, 1), `pod update requires features ${names[1]} which are not available on node "n"`],
  [changes[0], names, undefined],
  [changes[1], [], undefined],
])('resizing by %j where nodes declare %j', async (spec, declared, why) => {
  await using server = await start(declared)
  if (why === undefined) {
    expect((await server.send<Pod>('PATCH', `${pods}/p/resize`, { spec }, patch)).metadata.generation).toBe(2)
    return
  }
  const { status } = await server.refused('PATCH', `${pods}/p/resize`, { spec }, patch)
  expect(status).toMatchObject({ code: 403, reason: 'Forbidden', message: `pods "p" is forbidden: ${why}` })
})

test('what the node is not asked for', async () => {
  await using server = await start([], '')
  const body = { spec: changes[0] }
  expect((await server.send<Pod>('PATCH', `${pods}/p/resize`, body, patch)).spec.resources).toEqual(
    asking('4').resources,
  )
  const labels = { metadata: { labels: { a: 'b' } } }
  expect((await server.send<Pod>('PATCH', `${pods}/p`, labels, patch)).metadata.labels).toEqual({ a: 'b' })
})
