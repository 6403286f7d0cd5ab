import { describe, expect, it } from 'vitest'
import { pods } from '../../shared/api/core.ts'
import type { ApiRequest, ApiTransport } from '../../shared/client/client.ts'
import type { Host, HostRequest } from '../../shared/contract/host.ts'
import { expired, serviceUnavailable } from '../../shared/machinery/status.ts'
import { podOf } from '../testing/objects.ts'
import { createLiveList } from './live-list.ts'

const columns = [{ name: 'Name', type: 'string', format: '', description: '', priority: 0 }]
const named = (name: string, resourceVersion: string) => {
  const pod = podOf({ name })
  return { ...pod, metadata: { ...pod.metadata, resourceVersion } }
}
const table = (names: string[], resourceVersion: string, head = true) => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { resourceVersion },
  columnDefinitions: head ? columns : [],
  rows: names.map(name => ({ cells: [name], object: named(name, resourceVersion) })),
})

/** A server whose watches are fed by hand. */
function server(lists: (() => unknown)[]) {
  const watches: { request: HostRequest; send(batch: unknown[]): void; fail(error: Error): void }[] = []
  const asked: ApiRequest[] = []
  const host = {
    watch(request: HostRequest) {
      const stream = new TransformStream<unknown[], unknown[]>()
      const writer = stream.writable.getWriter()
      watches.push({ request, send: batch => void writer.write(batch), fail: error => void writer.abort(error) })
      return stream.readable.values()
    },
  } as Partial<Host> as Host
  const transport = {
    async request(request: ApiRequest) {
      asked.push(request)
      return lists[Math.min(asked.length, lists.length) - 1]?.()
    },
  } as Partial<ApiTransport> as ApiTransport
  const abort = new AbortController()
  const list = createLiveList(pods, abort.signal, {
    transport,
    host,
    opened: () => Promise.resolve(),
    now: () => 5_000,
    onFrame: fn => queueMicrotask(fn),
    wait: () => new Promise(resolve => setTimeout(resolve, 0)),
  })
  const names = () => list.rows.value.map(row => row.object.metadata.name)
  return { list, watches, asked, names, stop: () => abort.abort() }
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 1))
}

describe('createLiveList', () => {
  it('lists as a Table with whole objects, then follows the watch from that revision', async () => {
    const { list, watches, asked, names, stop } = server([() => table(['a', 'b'], '7')])
    await until(() => watches.length === 1)
    expect(asked[0]).toMatchObject({
      query: { includeObject: 'Object' },
      headers: { accept: expect.stringContaining('as=Table') },
    })
    expect(watches[0]?.request.query).toMatchObject({ resourceVersion: '7', watch: 'true' })
    expect(list.state.value.state).toBe('live')

    watches[0]?.send([
      { type: 'ADDED', object: table(['c'], '8', false) },
      { type: 'DELETED', object: table(['a'], '9', false) },
    ])
    await until(() => names().includes('c'))
    expect(names()).toEqual(['b', 'c'])
    expect(list.columns.value).toEqual(columns)
    stop()
  })

  it('keeps unchanged rows as they are, so that caches by row hold', async () => {
    const { list, watches, names, stop } = server([() => table(['a', 'b'], '7')])
    await until(() => watches.length === 1)
    const [, b] = list.rows.value
    watches[0]?.send([{ type: 'MODIFIED', object: table(['a'], '8', false) }])
    const before = list.rows.value
    await until(() => list.rows.value !== before)
    expect(list.rows.value[1]).toBe(b)
    expect(names()).toEqual(['a', 'b'])
    stop()
  })

  it('lists again when the revision is gone', async () => {
    const { watches, names, stop } = server([() => table(['a'], '7'), () => table(['z'], '90')])
    await until(() => watches.length === 1)
    watches[0]?.send([{ type: 'ERROR', object: expired('too old').status }])
    await until(() => watches.length === 2)
    expect(names()).toEqual(['z'])
    expect(watches[1]?.request.query).toMatchObject({ resourceVersion: '90' })
    stop()
  })

  it('keeps its rows when the server goes, says since when, and is live again after', async () => {
    let gone = false
    const answer = () => {
      if (gone) throw serviceUnavailable('gone')
      return table(['a'], '7')
    }
    const { list, watches, names, stop } = server([answer])
    await until(() => watches.length === 1)
    gone = true
    watches[0]?.fail(serviceUnavailable('gone'))
    await until(() => list.state.value.state === 'stale')
    expect(list.state.value.since).toBe(5_000)
    expect(names()).toEqual(['a'])
    gone = false
    await until(() => list.state.value.state === 'live')
    stop()
  })

  it('says that it failed when it never had rows', async () => {
    const { list, stop } = server([
      () => {
        throw serviceUnavailable('no')
      },
    ])
    await until(() => list.state.value.state === 'failed')
    expect(list.state.value.error?.code).toBe(503)
    stop()
  })
})
