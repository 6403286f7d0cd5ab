/** How many characters a text has as CEL counts them: code points. */
export function codePoints(text: string): number {
  // Most texts have no surrogates.
  if (!/[\ud800-\udbff]/.test(text)) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}

/** The characters of a text: an index into it is one into this. */
export function charactersOf(text: string): readonly string[] {
  return Array.from(text)
}
