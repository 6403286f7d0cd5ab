import { expect, test } from 'vitest'
import type { Pod } from '../../../shared/api/core.ts'
import { startServer } from '../testing/start-server.ts'

const pods = '/api/v1/namespaces/default/pods'
const pod = (spec: object) => ({
  metadata: { name: 'p' },
  spec: { automountServiceAccountToken: false, containers: [{ name: 'c', image: 'i' }], ...spec },
})

async function start() {
  const server = await startServer()
  await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
  await server.send('POST', '/apis/node.k8s.io/v1/runtimeclasses', {
    metadata: { name: 'vm' },
    handler: 'kata',
    overhead: { podFixed: { memory: '100Mi' } },
    scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists' }] },
  })
  return server
}

test('a pod gets the overhead, the nodes and the tolerations of its class', async () => {
  await using server = await start()
  const tolerations = [{ key: 'vm', operator: 'Equal', value: 'a', effect: 'NoSchedule' }]
  const made = await server.send<Pod>(
    'POST',
    pods,
    pod({ runtimeClassName: 'vm', nodeSelector: { disk: 'fast' }, tolerations }),
  )
  expect(made.spec).toMatchObject({ overhead: { memory: '100Mi' }, nodeSelector: { disk: 'fast', vm: 'yes' } })
  // The class's toleration covers the pod's own.
  expect(made.spec.tolerations?.filter(({ key }) => key === 'vm')).toEqual([{ key: 'vm', operator: 'Exists' }])
})

test.each([
  [{ runtimeClassName: 'none' }, 'pod rejected: RuntimeClass "none" not found'],
  [
    { runtimeClassName: 'vm', overhead: { memory: '1Gi' } },
    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  ],
  [
    { overhead: { memory: '1Gi' } },
    'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
  ],
  [
    { runtimeClassName: 'vm', nodeSelector: { vm: 'no' } },
    'conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
  ],
])('refuses %j', async (spec, why) => {
  await using server = await start()
  const { status } = await server.refused('POST', pods, pod(spec))
  expect(status).toMatchObject({ code: 403, message: `pods "p" is forbidden: ${why}` })
})
