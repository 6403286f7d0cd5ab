import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { pods } from '../../../shared/api/core.ts'
import { startNode } from './node.ts'
import type { TestNode } from './node.ts'

let node: TestNode
/** Nanoseconds of CPU that every container has used. */
let cpuNanos: number

beforeEach(async () => {
  node = await startNode()
  cpuNanos = 5e9
  const memory = { usageBytes: 3000, workingSetBytes: 2000, rssBytes: 1000, pageFaults: 0, majorPageFaults: 0 }
  node.runtime.usage = async () => ({ at: node.clock.now(), cpuNanos, processes: 2, memory })
  await node.run('web', {})
  await node.after(0, async () => expect((await node.get('web')).status?.phase).toBe('Running'))
})
afterEach(() => node[Symbol.asyncDispose]())

/** Asks while half a second of CPU goes by in each second. */
async function ask(path: string): Promise<string> {
  const answer = node.kubelet().api({ method: 'GET', path, query: new URLSearchParams() })
  await node.clock.advance(0)
  cpuNanos += 5e8
  await node.clock.advance(1_000)
  return text(Readable.from((await answer)?.body ?? []))
}

it('tells what each pod uses, with the rate of the last second', async () => {
  const found = JSON.parse(await ask('/stats/summary')) as { node: object; pods: object[] }
  const cpu = { usageNanoCores: 5e8, usageCoreNanoSeconds: 5.5e9 }
  const memory = { usageBytes: 3000, workingSetBytes: 2000, rssBytes: 1000 }
  expect(found.node).toMatchObject({ nodeName: 'n1', cpu, memory: { ...memory, availableBytes: 8 * 2 ** 30 - 2000 } })
  expect(found.pods).toMatchObject([
    { podRef: { name: 'web', namespace: 'default' }, cpu, memory, containers: [{ name: 'app', cpu, memory }] },
  ])
})

it('tells the same to scrapers', async () => {
  const resource = await ask('/metrics/resource')
  expect(resource).toContain('container_cpu_usage_seconds_total{container="app",namespace="default",pod="web"} 5.5\n')
  expect(resource).toContain('# TYPE node_memory_working_set_bytes gauge\nnode_memory_working_set_bytes 2000\n')
  expect(await ask('/metrics/cadvisor')).toMatch(/container_memory_rss\{container="app",.*pod="web"\} 1000\n/)
  expect(await ask('/metrics')).toContain('kubelet_running_containers{container_state="running"} 1\n')
})

it('counts how containers ended', async () => {
  const [status] = (await node.get('web')).status?.containerStatuses ?? []
  node.runtime.exit(status?.containerID?.replace('docker://', '') ?? '', 139)
  const sample = 'kubelet_terminated_containers_total{container_type="container",exit_code="139",reason="Error"} 1\n'
  await node.after(0, async () => expect(await ask('/metrics')).toContain(sample))
})

/** Status and text of what needs no time. */
async function answer(path: string, method = 'GET') {
  const found = await node.kubelet().api({ method, path, query: new URLSearchParams() })
  const pieces = []
  for await (const piece of found?.body ?? []) pieces.push(piece)
  return { status: found?.status, location: found?.location, body: Buffer.concat(pieces).toString() }
}

it('is well, and tells which pods its runtime has', async () => {
  expect(await answer('/healthz')).toMatchObject({ status: 200, body: 'ok' })
  expect(await answer('/healthz/syncloop')).toMatchObject({ body: 'ok' })
  const found = await Promise.all(['/runningpods', '/runningpods/'].map(path => answer(path)))
  for (const { body } of found)
    expect(JSON.parse(body)).toMatchObject({
      kind: 'PodList',
      items: [{ metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'app' }] } }],
    })
})

it.each([
  ['GET', '/debug/pprof/heap', 405, 'profiling endpoint is disabled.\n'],
  ['PUT', '/debug/flags/v', 405, 'flags endpoint is disabled.\n'],
  ['POST', '/healthz', 405, '405: Method Not Allowed'],
  ['POST', '/logs/', 405, '405: Method Not Allowed'],
  ['GET', '/logs/none', 404, '404 page not found\n'],
])('refuses %s %s', async (method, path, status, body) => {
  expect(await answer(path, method)).toMatchObject({ status, body })
})

it('shows the logs of pods that were deleted', async () => {
  await node.client.delete(pods, { namespace: 'default', name: 'web' })
  await node.after(1_000, () => expect(node.get('web')).rejects.toThrow('not found'))
  const [, pod = ''] = /<a href="(default_web_[^"]*)">/.exec((await answer('/logs/pods/')).body) ?? []
  expect((await answer(`/logs/pods/${pod}app/0.log`)).body).toContain('Nothing runs on a simulated node')
  expect(await answer('/logs/pods')).toMatchObject({ status: 301, location: 'pods/' })
})

it('knows no other paths', async () => {
  expect((await answer('/none')).status).toBeUndefined()
})
