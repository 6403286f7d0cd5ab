import { describe, expect, it } from 'vitest'
import { deployments } from '../shared/api/apps.ts'
import type { ApiRequest, ApiTransport } from '../shared/client/client.ts'
import { createClient } from '../shared/client/create-client.ts'
import { podOf } from './testing/objects.ts'
import { canExec, cordon, remove, restart, scale } from './actions.ts'

const api = { metadata: { name: 'api', namespace: 'shop', uid: 'u1' } }

/** What goes over the wire, which is what kubectl's would have to equal. */
async function sent(act: (client: ReturnType<typeof createClient>) => Promise<void>): Promise<ApiRequest | undefined> {
  const requests: ApiRequest[] = []
  const transport = {
    request: async (request: ApiRequest) => void requests.push(request),
  } as Partial<ApiTransport> as ApiTransport
  await act(createClient(transport))
  return requests[0]
}

describe('actions', () => {
  it('restarts as kubectl rollout restart does', async () => {
    const request = await sent(client => restart(client, deployments, api, new Date('2026-11-20T14:06:32.123Z')))
    expect(request).toMatchObject({
      method: 'PATCH',
      path: '/apis/apps/v1/namespaces/shop/deployments/api',
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: {
        spec: {
          template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-20T14:06:32Z' } } },
        },
      },
    })
  })
  it('scales through the subresource', async () => {
    const request = await sent(client => scale(client, deployments, api, 5))
    expect(request).toMatchObject({
      path: '/apis/apps/v1/namespaces/shop/deployments/api/scale',
      body: { spec: { replicas: 5 } },
    })
  })
  it('deletes only the object that was shown', async () => {
    expect((await sent(client => remove(client, deployments, api)))?.body).toMatchObject({
      preconditions: { uid: 'u1' },
      propagationPolicy: 'Background',
    })
  })
  it('uncordons by taking the field away', async () => {
    expect((await sent(client => cordon(client, 'bay-3', false)))?.body).toEqual({ spec: { unschedulable: null } })
  })
  it('offers a shell only where a container runs', () => {
    const waiting = { state: { waiting: { reason: 'CrashLoopBackOff' } } }
    expect([podOf(), podOf({ container: waiting }), { ...podOf(), status: {} }].map(canExec)).toEqual([
      true,
      false,
      false,
    ])
  })
})
