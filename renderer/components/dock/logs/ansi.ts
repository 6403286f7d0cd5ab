/** A stretch of text in one style. */
export interface AnsiSpan {
  text: string
  /** `bold`, `dim`, `italic`, `underline`, and `fg-0` … `fg-15`, `bg-0` … for the sixteen named colours. */
  classes: string[]
  /** Any other colour, as CSS; it is made here from numbers only. */
  color?: string
  background?: string
}

interface Style {
  flags: Set<string>
  fg?: Colour | undefined
  bg?: Colour | undefined
}
type Colour = { index: number } | { css: string }

/**
 * SGR sequences become styles; every other escape sequence is dropped with what it carries (titles, links, clipboard
 * writes, cursor moves): a log line may colour itself and nothing more.
 */
const [escape, bell, controls] = ['\u001b', '\u0007', '\u0000-\u0008\u000b-\u001f\u007f-\u009f']
const sequence = new RegExp(
  [
    `${escape}\\[([\\d;:]*)m`,
    `${escape}\\[[0-?]*[ -/]*[@-~]`,
    `${escape}[\\]PX^_][\\s\\S]*?(?:${bell}|${escape}\\\\|$)`,
    `${escape}[ -/]*[0-~]`,
    `[${controls}]`,
  ].join('|'),
  'g',
)

const flagOf: Record<number, string> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 9: 'strike' }

export function parseAnsi(line: string): AnsiSpan[] {
  const spans: AnsiSpan[] = []
  const style: Style = { flags: new Set() }
  let at = 0
  for (const match of line.matchAll(sequence)) {
    push(line.slice(at, match.index))
    at = match.index + match[0].length
    if (match[1] !== undefined) apply(style, match[1])
  }
  push(line.slice(at))
  return spans

  function push(text: string): void {
    if (text === '') return
    const { fg, bg } = style
    const classes = [...style.flags]
    if (fg && 'index' in fg) classes.push(`fg-${fg.index}`)
    if (bg && 'index' in bg) classes.push(`bg-${bg.index}`)
    spans.push({
      text,
      classes,
      ...(fg && 'css' in fg && { color: fg.css }),
      ...(bg && 'css' in bg && { background: bg.css }),
    })
  }
}

/** The text alone, for search, filters and files. */
export function stripAnsi(line: string): string {
  return line.replace(sequence, '')
}

function apply(style: Style, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number)
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0
    const flag = flagOf[code]
    if (code === 0) {
      style.flags.clear()
      style.fg = style.bg = undefined
    } else if (flag) style.flags.add(flag)
    else if (code === 22) ['bold', 'dim'].forEach(name => style.flags.delete(name))
    else if (code === 23) style.flags.delete('italic')
    else if (code === 24) style.flags.delete('underline')
    else if (code === 29) style.flags.delete('strike')
    else if (code === 39) style.fg = undefined
    else if (code === 49) style.bg = undefined
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(i + 1))
      style[code === 38 ? 'fg' : 'bg'] = colour
      i += used
    } else {
      const named = namedColour(code)
      if (named) style[named.place] = { index: named.index }
    }
  }
}

function namedColour(code: number): { place: 'fg' | 'bg'; index: number } | undefined {
  if (code >= 30 && code <= 37) return { place: 'fg', index: code - 30 }
  if (code >= 40 && code <= 47) return { place: 'bg', index: code - 40 }
  if (code >= 90 && code <= 97) return { place: 'fg', index: code - 82 }
  if (code >= 100 && code <= 107) return { place: 'bg', index: code - 92 }
  return undefined
}

/** What follows 38 or 48: `5;n` of the palette of 256, or `2;r;g;b`. With how many codes it took. */
function extended(codes: number[]): [Colour | undefined, number] {
  const byte = (n: number | undefined) => Math.min(Math.max(Math.trunc(n ?? 0) || 0, 0), 255)
  if (codes[0] === 2) return [{ css: `rgb(${byte(codes[1])} ${byte(codes[2])} ${byte(codes[3])})` }, 4]
  if (codes[0] !== 5) return [undefined, 1]
  const n = byte(codes[1])
  if (n < 16) return [{ index: n }, 2]
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10
    return [{ css: `rgb(${grey} ${grey} ${grey})` }, 2]
  }
  const step = (value: number) => (value === 0 ? 0 : 55 + value * 40)
  const cube = n - 16
  return [{ css: `rgb(${step(Math.floor(cube / 36))} ${step(Math.floor(cube / 6) % 6)} ${step(cube % 6)})` }, 2]
}
