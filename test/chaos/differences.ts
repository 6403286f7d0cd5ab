/** Each of two lists' elements that the other has less often, in words. */
export function differences(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  const left = [...found]
  const missing = wanted.filter(each => {
    const at = left.indexOf(each)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
  return [...left.map(each => `${what} ${each} should not be`), ...missing.map(each => `${what} ${each} is missing`)]
}
