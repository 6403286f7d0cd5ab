import { expect, test } from 'vitest'
import type { ApiRequest, ApiTransport } from '../../shared/client/client.ts'
import { createClient } from '../../shared/client/create-client.ts'
import { createInformers } from '../../shared/client/create-informers.ts'
import type { Logger } from '../../shared/machinery/log.ts'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { createScheduler } from './create-scheduler.ts'

const node = { metadata: { name: 'n1', uid: 'n1' }, status: { allocatable: { pods: '10' } } }
const pod = { metadata: { name: 'web', namespace: 'default', uid: 'web' }, spec: { containers: [] } }

test('a decision that throws costs its pod a back-off, not the engine its life', async () => {
  const clock = createFakeClock()
  const errors: string[] = []
  const log: Logger = { error: message => errors.push(message), info() {}, debug() {}, with: () => log }
  const bound = Promise.withResolvers<string>()
  const transport: ApiTransport = {
    request<T>({ method, path }: ApiRequest) {
      if (path.endsWith('/binding')) bound.resolve(path)
      const items = path.endsWith('/nodes')
        ? [node, { ...node, metadata: { name: 'n2', uid: 'n2' } }]
        : path.endsWith('/pods')
          ? [pod]
          : []
      const answer = method === 'GET' ? { metadata: { resourceVersion: '1' }, items } : { metadata: {} }
      return Promise.resolve(answer as T)
    },
    async *watch({ signal }) {
      await new Promise(resolve => signal?.addEventListener('abort', resolve))
      yield* []
    },
    async *bytes() {
      yield* []
    },
  }
  const client = createClient(transport)
  await using informers = createInformers({ client, log, clock, random: () => 0 })
  let calls = 0
  const random = () => {
    if (calls++ === 0) throw new Error('no luck')
    return 0
  }
  await using _ = createScheduler({ client, informers, clock, random, log })
  await clock.advance(999)
  expect(errors).toEqual(['Scheduling failed'])
  expect(calls).toBe(1)
  await clock.advance(1)
  expect(await bound.promise).toBe('/api/v1/namespaces/default/pods/web/binding')
})
