interface Counted {
  /** The reasons of each node that has any of its own. */
  reasons: readonly (readonly string[])[]
  total: number
  /** What is said of all other nodes. */
  absent: string
}

/** Every reason with the number of nodes that have it, sorted as text. */
export function summary({ reasons, total, absent }: Counted): string {
  const counts = new Map<string, number>()
  for (const reason of reasons.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  if (reasons.length < total) counts.set(absent, (counts.get(absent) ?? 0) + total - reasons.length)
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${total} nodes are available: ${texts.join(', ')}.`
}
