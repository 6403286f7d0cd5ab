/** A token of a label selector; `text` is what stood there, '' at the end. */
export interface Token {
  type: 'identifier' | 'end' | (typeof words)[number] | (typeof symbols)[number]
  text: string
}

const words = ['in', 'notin'] as const
/** Longest first, so that `==` is not read as two `=`. */
const symbols = ['==', '!=', '=', '!', '(', ')', ',', '>', '<'] as const

/** The tokens of a label selector as upstream's lexer cuts them (apimachinery/pkg/labels/selector.go). */
export function lexSelector(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s+|==|!=|[=!(),><]|[^\s=!(),><]+/g
  for (const [found] of text.matchAll(pattern)) {
    if (found.trim() === '') continue
    const type = [...words, ...symbols].find(known => known === found) ?? 'identifier'
    tokens.push({ type, text: found })
  }
  tokens.push({ type: 'end', text: '' })
  return tokens
}
