import { nodes, type Node } from '../../../shared/api/core.ts'
import type { Client } from '../../../shared/client/client.ts'

/** Nodes by their names or by a label selector. Throws an Error naming those that are not there, with those that are. */
export async function chooseNodes(
  client: Client,
  { names, selector }: { names: string[]; selector: string },
): Promise<Node[]> {
  const { items } = await client.list(nodes, selector ? { labelSelector: selector } : {})
  if (selector) {
    if (items.length === 0) throw new Error(`--selector: no node has labels that match "${selector}"`)
    return items
  }
  const found = new Map(items.map(node => [node.metadata.name, node]))
  const missing = names.filter(name => !found.has(name))
  if (missing.length > 0) throw new Error(`there is no node ${missing.join(', ')}; nodes: ${some([...found.keys()])}`)
  return [...new Set(names)].flatMap(name => found.get(name) ?? [])
}

/** As many as a reader takes in. */
function some(names: string[]): string {
  const shown = names.slice(0, 10).join(', ')
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown
}
