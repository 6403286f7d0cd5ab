/**
 * The value of a key in a file of lines `NAME='value'`; undefined if it has none. Values are in single quotes, may span
 * lines and mean what they say; `#` begins a comment. Throws with the number of the line that is wrong
 * (KEP-3721; pkg/kubelet/util/env, ParseEnv).
 */
export function envFileValue(text: string, key: string): string | undefined {
  const lines = text.split('\n').map(line => line.replace(/\r$/, ''))
  if (lines.at(-1) === '') lines.pop()
  const wrong = (at: number, why: string) => new Error(`invalid environment variable format at line ${at + 1}: ${why}`)
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').replace(/^[ \t]+/, '')
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    if (equals < 0) throw wrong(at, "missing '='")
    const name = line.slice(0, equals)
    if (name.trim() === '') throw wrong(at, 'empty variable name')
    if (/[ \t]$/.test(name)) throw wrong(at, "whitespace before '=' is not allowed")
    let rest = line.slice(equals + 1)
    // As a shell has it, a space ends the value before it begins.
    if (/^[ \t]/.test(rest)) {
      if (name === key) return undefined
      continue
    }
    if (!rest.startsWith("'")) throw wrong(at, 'value must be enclosed in single quotes')
    const begun = at
    const value = [rest.slice(1)]
    while (!value.at(-1)?.includes("'")) {
      const next = lines[++at]
      if (next === undefined)
        throw new Error(`invalid environment variable format starting at line ${begun + 1}: unclosed single quote`)
      value.push(next)
    }
    rest = value.join('\n')
    const end = rest.indexOf("'")
    if (!/^[ \t]*(#|$)/.test(rest.slice(end + 1))) throw wrong(at, 'unexpected content after closing quote')
    // An empty value counts as none.
    if (name === key) return rest.slice(0, end) || undefined
  }
  return undefined
}
