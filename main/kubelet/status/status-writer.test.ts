import { expect, it } from 'vitest'
import { createClient } from '../../../shared/client/create-client.ts'
import { silent } from '../../../shared/machinery/log.ts'
import { invalid, serviceUnavailable } from '../../../shared/machinery/status.ts'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { aPod } from '../pod/pod.fixture.ts'
import { createStatusWriter } from './status-writer.ts'

function setUp(answers: Error[]) {
  const clock = createFakeClock()
  const written: unknown[] = []
  const client = createClient({
    async request<T>({ body }: { body?: unknown }) {
      const error = answers.shift()
      if (error) throw error
      written.push(body)
      return aPod({}, { status: { phase: 'Running' } }) as T
    },
    async *watch() {},
    async *bytes() {},
  })
  const writer = createStatusWriter({ client, clock, log: silent, signal: new AbortController().signal })
  return { clock, writer, written }
}

it('does not ask again for what the API server refuses: the pod would never end', async () => {
  const { writer, written } = setUp([invalid({ group: '', kind: 'Pod', name: 'web' }, [])])
  writer.set(aPod(), { phase: 'Running' })
  await writer.flush('u1')
  expect(written).toEqual([])
  writer.set(aPod(), { phase: 'Failed' })
  await writer.flush('u1')
  expect(written).toEqual([{ metadata: { uid: 'u1' }, status: { phase: 'Failed' } }])
})

it('tries again while the API server has no time', async () => {
  const { clock, writer, written } = setUp([serviceUnavailable('busy')])
  writer.set(aPod(), { phase: 'Running' })
  const flushed = writer.flush('u1')
  await clock.advance(1000)
  await flushed
  expect(written).toHaveLength(1)
})
