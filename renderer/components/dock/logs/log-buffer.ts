import { levels, type Level, type LogLine } from './log-line.ts'

/** Which lines are shown. */
interface LogFilter {
  /** Undefined: no filter by text. */
  matches: ((text: string) => boolean) | undefined
  /** Levels that are hidden; lines without a level are never hidden by level. */
  hiddenLevels: ReadonlySet<Level>
  hiddenSources: ReadonlySet<number>
}

/** The newest lines of all sources in the order of their times, and those of them that a filter lets through. */
export interface LogBuffer {
  readonly lines: readonly LogLine[]
  readonly shown: readonly LogLine[]
  readonly counts: Readonly<Record<Level, number>>
  /** Lines that had to go for newer ones. */
  readonly dropped: number
  /** Takes lines in any order. Returns how many shown lines went at the front and how many came at the end. */
  add(lines: LogLine[]): { removed: number; added: number }
  filter(filter: LogFilter): void
  clear(): void
}

/** Late lines are put in place among this many of the newest; what comes later than that stays where it arrives. */
const reach = 5_000

export function createLogBuffer(most: number): LogBuffer {
  let lines: LogLine[] = []
  let shown: LogLine[] = []
  let dropped = 0
  const counts: Record<Level, number> = { error: 0, warn: 0, info: 0, debug: 0 }
  let passes: (line: LogLine) => boolean = () => true

  function count(line: LogLine, by: 1 | -1): void {
    if (line.level) counts[line.level] += by
  }

  function trim(): number {
    const excess = lines.length - most
    if (excess <= 0) return 0
    const gone = new Set(lines.splice(0, excess))
    for (const line of gone) count(line, -1)
    dropped += excess
    let removed = 0
    while (removed < shown.length && gone.has(shown[removed] as LogLine)) removed++
    shown.splice(0, removed)
    return removed
  }

  return {
    get lines() {
      return lines
    },
    get shown() {
      return shown
    },
    get dropped() {
      return dropped
    },
    counts,
    add(fresh) {
      for (const line of fresh) count(line, 1)
      const before = shown.length
      mergeByTime(lines, fresh)
      mergeByTime(shown, fresh.filter(passes))
      const added = shown.length - before
      return { added, removed: trim() }
    },
    filter({ matches, hiddenLevels, hiddenSources }) {
      passes = line =>
        !hiddenSources.has(line.source) &&
        (line.level === undefined || !hiddenLevels.has(line.level)) &&
        (!matches || line.mark === true || matches(line.text))
      shown = lines.filter(passes)
    },
    clear() {
      lines = []
      shown = []
      dropped = 0
      for (const level of levels) counts[level] = 0
    },
  }
}

/** Appends `fresh` to `sorted` in place, in order of time and, within it, of arrival. */
function mergeByTime(sorted: LogLine[], fresh: LogLine[]): void {
  const earliest = earliestOf(fresh)
  const last = sorted.at(-1)
  if (!last || earliest >= last.ms) {
    for (const line of inOrder(fresh)) sorted.push(line)
    return
  }
  let from = sorted.length
  while (from > 0 && sorted.length - from < reach && (sorted[from - 1]?.ms ?? 0) > earliest) from--
  const tail = sorted.splice(from)
  for (const line of inOrder([...tail, ...fresh])) sorted.push(line)
}

function inOrder(lines: LogLine[]): LogLine[] {
  return lines.toSorted((a, b) => a.ms - b.ms || a.id - b.id)
}

function earliestOf(lines: LogLine[]): number {
  let least = Number.POSITIVE_INFINITY
  for (const { ms } of lines) if (ms < least) least = ms
  return least
}
