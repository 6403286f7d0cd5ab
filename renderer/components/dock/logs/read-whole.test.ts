import { expect, it } from 'vitest'
import { shallowRef } from 'vue'
import type { ApiRequest, ApiTransport } from '../../../../shared/client/client.ts'
import { internalError, notFound } from '../../../../shared/machinery/status.ts'
import { createLogBuffer } from './log-buffer.ts'
import { toLogLine } from './log-line.ts'
import { readWhole } from './read-whole.ts'
import type { ViewSource } from './use-logs.ts'

const source = (pod: string, more: Partial<ViewSource> = {}): ViewSource => ({
  namespace: 'shop',
  pod,
  container: 'c',
  previous: false,
  uid: pod,
  node: 'n1',
  run: { key: pod, attempt: 0, running: true },
  gone: false,
  ...more,
})
/** Pods by name: what the server has of their logs, or why it refuses. */
function read(sources: ViewSource[], served: Record<string, string | Error>) {
  const buffer = createLogBuffer(10)
  sources.forEach(({ pod }, place) => buffer.add([toLogLine(`2026-01-01T00:00:00Z kept of ${pod}`, place, place)]))
  const transport = {
    async *bytes({ path }: ApiRequest) {
      const answer = served[path.split('/').at(-2)!]
      if (typeof answer !== 'string') throw answer ?? internalError(`${path} is not to be asked for`)
      yield new TextEncoder().encode(answer)
    },
  } as unknown as ApiTransport
  return readWhole(transport, { sources: shallowRef(sources), buffer }, new AbortController().signal)
}

it('takes what the server has', async () => {
  expect(await read([source('a')], { a: 't 1\nt \u001b[31m2\u001b[0m\n' })).toBe('t 1\nt 2\n')
})

it('takes what the view kept of pods that are gone, also of one that goes meanwhile', async () => {
  const sources = [source('a'), source('b', { gone: true }), source('c')]
  const missing = notFound({ group: '', resource: 'pods', name: 'c' })
  expect(await read(sources, { a: '1\n', c: missing })).toBe(
    'a c 1\nb c 2026-01-01T00:00:00Z kept of b\nc c 2026-01-01T00:00:00Z kept of c\n',
  )
})

it('asks for no log of a container that has not started', async () => {
  expect(await read([source('a', { run: undefined }), source('b')], { b: '1\n' })).toBe('b c 1\n')
})

it('fails with the server', async () => {
  await expect(read([source('a')], { a: internalError('broken') })).rejects.toThrow('broken')
})
