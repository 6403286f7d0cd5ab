/**
 * The paths of keys that stand twice in one object of a JSON text, as fieldValidation words them
 * (`spec.containers[0].name`): the last value wins and JSON.parse does not tell. The text must be valid JSON.
 */
export function duplicateFields(text: string): string[] {
  const found = new Set<string>()
  const stack: Frame[] = []
  let key: string | undefined
  for (const [token] of text.matchAll(tokens)) {
    const frame = stack.at(-1)
    if (token === '{') {
      stack.push({ keys: new Set(), path: valuePath(frame, key), index: 0 })
      key = undefined
    } else if (token === '[') {
      stack.push({ path: valuePath(frame, key), index: 0 })
      key = undefined
    } else if (token === '}' || token === ']') {
      stack.pop()
      key = undefined
    } else if (token === ',') {
      if (frame) frame.index++
      key = undefined
    } else if (frame?.keys && key === undefined) {
      key = JSON.parse(token) as string
      const path = valuePath(frame, key)
      if (frame.keys.has(key)) found.add(path)
      frame.keys.add(key)
    }
  }
  return [...found]
}

/** An object (with the keys seen) or an array (with the index at hand). */
interface Frame {
  keys?: Set<string>
  path: string
  index: number
}

/** Strings and the structure; numbers, literals and colons don't matter here. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],]/g

function valuePath(frame: Frame | undefined, key: string | undefined): string {
  if (!frame) return ''
  if (!frame.keys) return `${frame.path}[${frame.index}]`
  return frame.path === '' ? (key ?? '') : `${frame.path}.${key ?? ''}`
}
