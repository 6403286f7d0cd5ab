import type { Mark } from '../../status/status.ts'

/** One line of the palette: mark, name, fact, key. */
export interface PaletteItem {
  id: string
  group: 'do' | 'goTo' | 'kinds' | 'namespaces' | 'labels'
  mark?: Mark
  name: string
  mono?: boolean
  fact?: string
  key?: string
  /** Also found by these words. */
  words?: string
  /** Of an action: what it is done to. Typed alone it asks for the object, not for what can be done with it. */
  object?: string
  danger?: boolean
  run(): void
}

export interface PaletteHit {
  item: PaletteItem
  /** The name in pieces, every second of them what was typed. */
  pieces: string[]
  score: number
}

/** `>` actions, `:` kinds, `@` namespaces, `#` labels. */
const prefixes: Readonly<Record<string, PaletteItem['group']>> = {
  '>': 'do',
  ':': 'kinds',
  '@': 'namespaces',
  '#': 'labels',
}

const groupOrder: readonly PaletteItem['group'][] = ['do', 'goTo', 'kinds', 'namespaces', 'labels']
const objectsFirst: typeof groupOrder = ['goTo', 'do', 'kinds', 'namespaces', 'labels']
/** Lines shown of each group. */
const most = 8

/**
 * The items that have all typed words in them, best first within actions, objects, kinds, namespaces. Nobody who typed
 * a name and Enter shall have done something to it: objects lead unless a word says what to do, and what destroys comes
 * after all else that matches as well.
 */
export function searchPalette(items: readonly PaletteItem[], typed: string): PaletteHit[] {
  const only = prefixes[typed[0] ?? '']
  const words = (only ? typed.slice(1) : typed).toLowerCase().split(/\s+/).filter(Boolean)
  const hits = items.flatMap(item => {
    if (only ? item.group !== only : item.group === 'labels') return []
    const score = scoreOf(item, words)
    return score === undefined ? [] : [{ item, score, pieces: piecesOf(item.name, words) }]
  })
  const order = hits.some(({ item }) => saysWhatToDo(item, words)) ? groupOrder : objectsFirst
  return order.flatMap(group =>
    hits
      .filter(hit => hit.item.group === group)
      .sort(
        (a, b) =>
          b.score - a.score ||
          Number(a.item.danger ?? false) - Number(b.item.danger ?? false) ||
          a.item.name.length - b.item.name.length,
      )
      .slice(0, only ? 50 : most),
  )
}

/** True for an action in whose own words, not in those of its object, something was typed. */
function saysWhatToDo({ group, name, object = '' }: PaletteItem, typed: readonly string[]): boolean {
  const verb = name.replace(object, '').toLowerCase()
  return group === 'do' && typed.some(word => verb.includes(word))
}

/** Undefined if a word is missing. A word at the start of one counts more than one inside. */
function scoreOf({ name, words: more, fact }: PaletteItem, typed: readonly string[]): number | undefined {
  const own = name.toLowerCase()
  const all = `${own} ${more ?? ''} ${fact ?? ''}`.toLowerCase()
  let score = 0
  for (const word of typed) {
    const at = all.indexOf(word)
    if (at < 0) return undefined
    const inName = own.indexOf(word)
    if (inName === 0) score += 4
    else if (inName > 0) score += /[^a-z0-9]/.test(own[inName - 1] ?? '') ? 3 : 2
    else score += 1
    if (own === word) score += 4
  }
  return score
}

function piecesOf(name: string, words: readonly string[]): string[] {
  if (words.length === 0) return [name]
  const escaped = words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).sort((a, b) => b.length - a.length)
  return name.split(new RegExp(`(${escaped.join('|')})`, 'i'))
}
