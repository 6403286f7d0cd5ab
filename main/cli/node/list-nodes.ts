import { nodes, pods, type Node } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { ageOf } from '../../../shared/machinery/duration.ts'
import { isStopped } from '../../../shared/machinery/logical-node.ts'

const titles = ['NAME', 'STATUS', 'RUNTIME', 'CPU', 'MEMORY', 'PODS', 'ADDRESS', 'AGE']

/** Prints the nodes as a table. */
export async function listNodes(client: Client): Promise<void> {
  const [all, bound] = await Promise.all([client.list(nodes), client.list(pods)])
  const counts = new Map<string, number>()
  for (const { spec, status } of bound.items) {
    if (spec.nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed')
      counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1)
  }
  const rows = [titles, ...all.items.map(node => row(node, counts.get(node.metadata.name) ?? 0))]
  const widths = titles.map((_, column) => Math.max(...rows.map(cells => cells[column]?.length ?? 0)))
  for (const cells of rows)
    console.log(
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('   ')
        .trimEnd(),
    )
}

function row(node: Node, podCount: number): string[] {
  const { metadata, status } = node
  const { cpu = '', memory = '' } = status?.capacity ?? {}
  const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? ''
  const [runtime = ''] = status?.nodeInfo?.containerRuntimeVersion.split(':') ?? []
  const cells = [
    stateOf(node),
    runtime,
    cpu,
    memory,
    String(podCount),
    address,
    ageOf(metadata.creationTimestamp, Date.now()),
  ]
  return [metadata.name, ...cells.map(cell => cell || '-')]
}

function stateOf(node: Node): string {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status
  const words = [isStopped(node) ? 'Stopped' : ready === 'True' ? 'Ready' : 'NotReady']
  return [...words, ...(node.spec?.unschedulable ? ['SchedulingDisabled'] : [])].join(',')
}
