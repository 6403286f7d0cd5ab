import { expect, it } from 'vitest'
import type { ApiRequest, ApiTransport } from '../../../../shared/client/client.ts'
import { followLog, keptLog, type FollowOptions } from './follow-log.ts'

const source = { namespace: 'shop', pod: 'api', container: 'api', previous: false }

async function read(chunks: (string | Uint8Array)[], options: Partial<FollowOptions> = {}, previous = false) {
  const asked: ApiRequest[] = []
  const transport = {
    async *bytes(request: ApiRequest) {
      asked.push(request)
      for (const chunk of chunks) yield typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
    },
  } as unknown as ApiTransport
  const lines: string[] = []
  const { signal } = new AbortController()
  const all = { follow: true, tailLines: 100, after: '', signal, ...options }
  for await (const batch of followLog(transport, { ...source, previous }, all)) lines.push(...batch)
  return { lines, query: asked[0]?.query, path: asked[0]?.path }
}

it('puts lines together from chunks, also where a character is cut in two', async () => {
  const bytes = new TextEncoder().encode('é\n')
  const { lines } = await read(['a', 'b\nc', '\n', bytes.slice(0, 1), bytes.slice(1), 'the end'])
  expect(lines).toEqual(['ab', 'c', 'é', 'the end'])
})

it('asks for what kubectl would', async () => {
  expect(await read([])).toMatchObject({
    path: '/api/v1/namespaces/shop/pods/api/log',
    query: { container: 'api', timestamps: 'true', follow: 'true', tailLines: '100' },
  })
  const previous = await read([], {}, true)
  expect(previous.query).toEqual({ container: 'api', timestamps: 'true', previous: 'true', tailLines: '100' })
})

it('goes on after the last line it had', async () => {
  const { lines, query } = await read(['2026-01-01T00:00:01.500000000Z a\n2026-01-01T00:00:01.900000000Z b\n'], {
    after: '2026-01-01T00:00:01.500000000Z',
  })
  expect(lines).toEqual(['2026-01-01T00:00:01.900000000Z b'])
  expect(query).toMatchObject({ sinceTime: '2026-01-01T00:00:01.500000000Z' })
})

it('does not tell again of a last line that has no end', async () => {
  const [after, line] = ['2026-01-01T00:00:01.500000000Z', '2026-01-01T00:00:01.500000000Z no end']
  expect((await read([line], { after })).lines).toEqual([])
  expect((await read([line])).lines).toEqual([line])
})

it('cuts a line that never ends', async () => {
  const { lines } = await read(['x'.repeat(70_000), 'y\n'])
  expect(lines.map(line => line.length)).toEqual([70_000, 1])
})

it('reads on in what the node kept of a pod that is gone', async () => {
  const asked: ApiRequest[] = []
  const transport = {
    async *bytes(request: ApiRequest) {
      asked.push(request)
      yield new TextEncoder().encode('2026-01-01T00:00:01.000000000Z a\n2026-01-01T00:00:02.000000000Z b\n')
    },
  } as unknown as ApiTransport
  const lines: string[] = []
  const after = '2026-01-01T00:00:01.000000000Z'
  const { signal } = new AbortController()
  const gone = { ...source, uid: 'u-1', node: 'n1', attempt: 2 }
  for await (const batch of keptLog(transport, gone, { after, signal })) lines.push(...batch)
  expect(lines).toEqual(['2026-01-01T00:00:02.000000000Z b'])
  expect(asked[0]?.path).toBe('/api/v1/nodes/n1/proxy/logs/pods/shop_api_u-1/api/2.log')
})
