import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import type { KubeEvent, Pod } from '../api/core.ts'
import { silent } from '../machinery/log.ts'
import { notFound } from '../machinery/status.ts'
import type { ApiRequest, ApiTransport } from './client.ts'
import { createClient } from './create-client.ts'
import { createRecorder } from './create-recorder.ts'

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '7' },
  spec: { containers: [] },
})

function setUp() {
  const clock = createFakeClock()
  let drawn = 0
  const random = () => (drawn++ % 1000) / 1000
  const stored = new Map<string, KubeEvent>()
  const transport = {
    async request({ method, path, body }: ApiRequest) {
      const name = method === 'POST' ? `${path}/${(body as KubeEvent).metadata.name}` : path
      const old = stored.get(name)
      if (method === 'PATCH' && !old) throw notFound({ group: '', resource: 'events', name })
      const object = { ...old, ...(body as KubeEvent) }
      stored.set(name, object)
      return object
    },
  } as unknown as ApiTransport
  const recorder = createRecorder({
    client: createClient(transport),
    clock,
    random,
    log: silent,
    component: 'kubelet',
    host: 'n1',
  })
  return { clock, recorder, stored, all: () => [...stored.values()] }
}

test('repeats raise the count of one Event', async () => {
  const { clock, recorder, all } = setUp()
  await using _ = recorder
  recorder.event(pod('a'), 'Warning', 'BackOff', 'Back-off restarting')
  await clock.advance(5000)
  recorder.event(pod('a'), 'Warning', 'BackOff', 'Back-off restarting')
  await clock.advance(0)
  expect(all()).toHaveLength(1)
  expect(all()[0]).toMatchObject({
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'default',
      name: 'a',
      uid: 'uid-a',
      resourceVersion: '7',
    },
    count: 2,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:05Z',
    source: { component: 'kubelet', host: 'n1' },
    type: 'Warning',
    reason: 'BackOff',
  })
})

test('an Event that expired meanwhile is written anew', async () => {
  const { clock, recorder, stored, all } = setUp()
  await using _ = recorder
  recorder.event(pod('a'), 'Normal', 'Pulled', 'x')
  await clock.advance(0)
  stored.clear()
  recorder.event(pod('a'), 'Normal', 'Pulled', 'x')
  await clock.advance(0)
  expect(all().map(e => e.count)).toEqual([1])
})

test('from the tenth different message of one reason on, one combined Event takes them', async () => {
  const { clock, recorder, all } = setUp()
  await using _ = recorder
  for (let i = 1; i <= 12; i++) {
    recorder.event(pod('a'), 'Warning', 'Failed', `attempt ${i}`)
    await clock.advance(1000)
  }
  expect(all()).toHaveLength(10)
  expect(all().at(-1)).toMatchObject({ message: '(combined from similar events): attempt 12', count: 3 })
})

test('one object may flood with 25 Events, others are not affected', async () => {
  const { clock, recorder, all } = setUp()
  await using _ = recorder
  for (let i = 0; i < 40; i++) recorder.event(pod('a'), 'Normal', `Reason${i}`, 'x')
  recorder.event(pod('b'), 'Normal', 'Other', 'x')
  await clock.advance(300_000)
  expect(all().filter(e => e.involvedObject.name === 'a')).toHaveLength(25)
  expect(all().filter(e => e.involvedObject.name === 'b')).toHaveLength(1)
  recorder.event(pod('a'), 'Normal', 'Late', 'x')
  await clock.advance(0)
  expect(all().filter(e => e.involvedObject.name === 'a')).toHaveLength(26)
})

test('Events about different parts of an object are different', async () => {
  const { clock, recorder, all } = setUp()
  await using _ = recorder
  recorder.event(pod('a'), 'Normal', 'Pulled', 'x', { fieldPath: 'spec.containers{web}' })
  recorder.event(pod('a'), 'Normal', 'Pulled', 'x', { fieldPath: 'spec.containers{log}' })
  recorder.event(pod('a'), 'Normal', 'Pulled', 'x')
  await clock.advance(0)
  expect(all().map(e => e.involvedObject.fieldPath)).toEqual([
    'spec.containers{web}',
    'spec.containers{log}',
    undefined,
  ])
})

test('disposal waits for the write under way, drops the rest and takes nothing more', async () => {
  const gate = Promise.withResolvers<undefined>()
  const asked: string[] = []
  const transport = {
    async request({ body }: ApiRequest) {
      asked.push((body as KubeEvent).reason ?? '')
      await gate.promise
      throw new Error('the server is gone')
    },
  } as unknown as ApiTransport
  const clock = createFakeClock()
  const client = createClient(transport)
  const recorder = createRecorder({ client, clock, random: () => 0, log: silent, component: 'test' })
  for (const reason of ['UnderWay', 'Waiting']) recorder.event(pod('a'), 'Normal', reason, 'x')
  await clock.advance(0)
  let isDisposed = false
  const disposal = recorder[Symbol.asyncDispose]().then(() => (isDisposed = true))
  await clock.advance(0)
  expect(isDisposed).toBe(false)
  gate.resolve(undefined)
  await disposal
  recorder.event(pod('a'), 'Normal', 'Late', 'x')
  await clock.advance(0)
  expect(asked).toEqual(['UnderWay'])
})
