import type { ConfigMap } from '../../shared/api/core.ts'
import type { KubeList, KubeObject } from '../../shared/api/object.ts'

/** What an object is known to be: the value that was acknowledged last, and those whose fate nobody told. */
interface Entry {
  settled: string | undefined
  open: Set<string | undefined>
}

/** What the API server has promised its writers. A value of undefined: there is no such object. */
export interface Ledger {
  /** To be called before a write is sent; call the result with its answer, if one came. */
  expect(name: string, value: string | undefined): (answer: KubeObject | undefined) => void
  /** Revisions that were acknowledged, and those of them that were not above all acknowledged before they were asked for. */
  readonly revisions: number[]
  readonly backwards: string[]
  /** Objects that are neither what was acknowledged last nor what was asked for after that. */
  lost(list: KubeList<ConfigMap>): string[]
}

export function createLedger(): Ledger {
  const entries = new Map<string, Entry>()
  const revisions: number[] = []
  const backwards: string[] = []
  let highest = 0

  return {
    revisions,
    backwards,
    expect(name, value) {
      const entry = entries.get(name) ?? { settled: undefined, open: new Set() }
      entries.set(name, entry)
      entry.open.add(value)
      const before = highest
      return answer => {
        entry.settled = value
        entry.open.clear()
        const revision = Number(answer?.metadata.resourceVersion)
        if (Number.isNaN(revision)) return
        if (revision <= before) backwards.push(`${name} was written at ${revision} after a write at ${before}`)
        revisions.push(revision)
        highest = Math.max(highest, revision)
      }
    },
    lost({ items, metadata }) {
      const stored = new Map(items.map(({ metadata: { name }, data }) => [name, data?.['count']]))
      const wrong = [...entries].flatMap(([name, { settled, open }]) => {
        const now = stored.get(name)
        return now === settled || open.has(now) ? [] : [`${name} is ${now ?? 'gone'}, not ${settled ?? 'gone'}`]
      })
      const old = Number(metadata.resourceVersion) < highest ? [`the list is of ${metadata.resourceVersion}`] : []
      return [...wrong, ...old]
    },
  }
}
