import { expect, it } from 'vitest'
import type { ApiTransport } from '../../../../shared/client/client.ts'
import { keptPods, keptRuns } from './kept-runs.ts'

const pages: Record<string, string> = {
  '': '<a href="shop_api-0_u-1/">shop_api-0_u-1/</a>\n<a href="other.log">other.log</a>\n',
  'shop_api-0_u-1/': '<a href="api/">api/</a>\n',
  'shop_api-0_u-1/api/': '<a href="10.log">10.log</a>\n<a href="9.log">9.log</a>\n',
}
const transport: ApiTransport = {
  request: () => Promise.reject(new Error('not asked')),
  watch: () => {
    throw new Error('not asked')
  },
  async *bytes({ path }) {
    yield new TextEncoder().encode(`<pre>\n${pages[path.replace('/api/v1/nodes/n1/proxy/logs/pods/', '')]}</pre>`)
  },
}

it('reads from the pages of a node of which pods and runs it has the output', async () => {
  const { signal } = new AbortController()
  const [kept, ...others] = await keptPods(transport, 'n1', signal)
  expect(others).toEqual([])
  if (!kept) throw new Error('no pod was found')
  expect(kept).toEqual({ namespace: 'shop', pod: 'api-0', uid: 'u-1', node: 'n1' })
  expect((await keptRuns(transport, kept, signal)).map(run => [run.container, run.attempt])).toEqual([
    ['api', 9],
    ['api', 10],
  ])
})
