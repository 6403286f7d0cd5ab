import { afterEach, beforeEach, expect, it } from 'vitest'
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
  return Buffer.concat([...((await answer)?.body ?? [])]).toString()
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

it('knows no other paths', async () => {
  expect(await node.kubelet().api({ method: 'GET', path: '/run', query: new URLSearchParams() })).toBeUndefined()
})
