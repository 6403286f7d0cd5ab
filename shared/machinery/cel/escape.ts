const symbols: Readonly<Record<string, string>> = { '.': '__dot__', '-': '__dash__', '/': '__slash__' }
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/**
 * The name under which an expression finds a property (apiserver/pkg/cel/escaping.go), or undefined for one that it
 * can't name: `a-b` is `a__dash__b`, `namespace` is `__namespace__`, two underscores are `__underscores__`.
 */
export function escapeProperty(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`
  const escaped = name.replaceAll('__', '__underscores__').replace(/[.\-/]/g, symbol => symbols[symbol] ?? '')
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined
}

/** The property that an escaped name stands for. */
export function unescapeProperty(escaped: string): string {
  const word = /^__([a-z]+)__$/.exec(escaped)?.[1]
  if (word !== undefined && reserved.has(word)) return word
  return escaped.replace(/__(dot|dash|slash|underscores)__/g, (_, what: string) => plain[what] ?? '')
}

const plain: Readonly<Record<string, string>> = { dot: '.', dash: '-', slash: '/', underscores: '__' }
