import { parseAnsi, type AnsiSpan } from './ansi.ts'

export interface Piece extends AnsiSpan {
  /** Found by the search. */
  found: boolean
}

/** A line in pieces of one style each, those that match `pattern` marked. */
export function piecesOf(text: string, pattern: RegExp | undefined): Piece[] {
  const spans = parseAnsi(text)
  if (!pattern) return spans.map(span => ({ ...span, found: false }))
  return spans.flatMap(span => {
    const pieces: Piece[] = []
    let at = 0
    for (const match of span.text.matchAll(pattern)) {
      // A pattern that matches nothing at all (`x*`) marks nothing.
      if (match[0] === '') continue
      pieces.push({ ...span, text: span.text.slice(at, match.index), found: false })
      pieces.push({ ...span, text: match[0], found: true })
      at = match.index + match[0].length
    }
    pieces.push({ ...span, text: span.text.slice(at), found: false })
    return pieces.filter(piece => piece.text !== '')
  })
}

/** What a user typed as a pattern: as it stands, or as a regular expression (undefined if it is none). Case is ignored unless a capital is typed. */
export function patternOf(typed: string, isRegex: boolean): RegExp | undefined {
  if (typed === '') return undefined
  const flags = typed === typed.toLowerCase() ? 'gi' : 'g'
  try {
    return new RegExp(isRegex ? typed : escaped(typed), flags)
  } catch {
    return undefined
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
}
