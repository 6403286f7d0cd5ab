import { nodes } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'
import { isAlreadyExists } from '../../../shared/machinery/status.ts'
import type { AddNodes } from '../../config.ts'

/** Creates the Node objects; the engine sees them and runs a node for each. */
export async function addNodes(
  client: Client,
  wish: AddNodes,
  cluster: { name: string; runtime: string },
): Promise<void> {
  if (wish.runtime === 'docker' && cluster.runtime !== 'docker')
    throw new Error(`cluster ${cluster.name} runs without Docker, so its nodes can only be simulated; add --simulated`)
  const prefix = wish.prefix || (wish.runtime === 'simulated' ? 'sim' : `${cluster.name}-node`)
  const names = wish.name ? [wish.name] : await freeNames(client, prefix, wish.count)
  const { labels, taints, annotations } = wish
  for (const name of names) {
    try {
      await client.create(nodes, { metadata: { name, labels, annotations }, spec: { taints } })
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      throw new Error(`NAME: there is a node ${name} already; choose another name, or remove it first`, {
        cause: error,
      })
    }
    console.log(`node ${name} added`)
  }
}

/** The prefix with the numbers after the highest one in use; a node that is called like the prefix itself counts as the first. */
async function freeNames(client: Client, prefix: string, count: number): Promise<string[]> {
  const { items } = await client.list(nodes)
  const numbers = items.map(({ metadata: { name } }) =>
    name === prefix
      ? 1
      : name.startsWith(`${prefix}-`)
        ? Number(/^\d{1,9}$/.exec(name.slice(prefix.length + 1))?.[0] ?? 0)
        : 0,
  )
  const last = Math.max(0, ...numbers)
  return Array.from({ length: count }, (_, index) => `${prefix}-${last + 1 + index}`)
}
