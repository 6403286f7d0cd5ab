import type { Node } from '../../shared/api/core.ts'

/** Numbers by topology domain: the value that a node has under a topology key. */
export interface DomainCounts {
  /** How many domains have a number other than zero. */
  readonly size: number
  /** Nodes without the label belong to no domain. */
  add(node: Node, topologyKey: string, amount: number): void
  /** 0 for a node of no domain. */
  of(node: Node, topologyKey: string): number
  /** The topology keys with any number. */
  keys(): string[]
}

export function createDomainCounts(): DomainCounts {
  const byKey = new Map<string, Map<string, number>>()
  return {
    get size() {
      return byKey.values().reduce((sum, domains) => sum + domains.size, 0)
    },
    add(node, topologyKey, amount) {
      const domain = node.metadata.labels?.[topologyKey]
      if (domain === undefined) return
      const domains = byKey.get(topologyKey) ?? new Map<string, number>()
      byKey.set(topologyKey, domains)
      const sum = (domains.get(domain) ?? 0) + amount
      if (sum === 0) domains.delete(domain)
      else domains.set(domain, sum)
    },
    of(node, topologyKey) {
      const domain = node.metadata.labels?.[topologyKey]
      return domain === undefined ? 0 : (byKey.get(topologyKey)?.get(domain) ?? 0)
    },
    keys: () => [...byKey.keys()],
  }
}
