import { charactersOf } from './text.ts'

/** A fault of an expression; `at` is an offset into its text. */
export interface Issue {
  readonly at: number
  readonly message: string
}

/** Upstream stops to name faults after so many. */
const maxIssues = 100

/** Faults as upstream prints them: place, message, line and a mark below it (cel-go, common/error.go). */
export function formatIssues(source: string, issues: readonly Issue[]): string {
  const sorted = [...issues].sort((a, b) => a.at - b.at)
  const texts = sorted.slice(0, maxIssues).map(issue => formatIssue(source, issue))
  if (sorted.length > maxIssues) texts.push(`${sorted.length - maxIssues} more errors were truncated`)
  return texts.join('\n')
}

function formatIssue(source: string, { at, message }: Issue): string {
  const before = source.slice(0, at)
  const start = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  const end = source.indexOf('\n', start)
  const snippet = source.slice(start, end < 0 ? undefined : end).replaceAll('\t', ' ')
  const lead = charactersOf(source.slice(start, at))
  // What takes more than one byte is taken to be wide.
  const mark = (character: string, narrow: string, wide: string) => (character > '\x7f' ? wide : narrow)
  const dots = lead.map(character => mark(character, '.', '．')).join('')
  const caret = mark(charactersOf(source.slice(at))[0] ?? '', '^', '＾')
  return `ERROR: <input>:${line}:${lead.length + 1}: ${message}\n | ${snippet}\n | ${dots}${caret}`
}
