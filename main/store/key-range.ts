/** A half-open range of keys: `from` <= key < `to`. */
export interface KeyRange {
  from: string
  to: string
}

/** The keys that begin with `prefix` and come after the key `after`. Every key begins with '/'; '' stands for all. */
export function keyRange(prefix: string, after?: string): KeyRange {
  const start = prefix || '/'
  const to = start.slice(0, -1) + String.fromCharCode(start.charCodeAt(start.length - 1) + 1)
  if (after === undefined || after < start) return { from: start, to }
  return { from: after < to ? keyAfter(after) : to, to }
}

/** The lower end of a range that begins behind a key: nothing sorts between it and itself with a NUL appended. */
export function keyAfter(key: string): string {
  return `${key}\0`
}

/** `/<group>/<resource>/` of a key or a prefix; '' if the prefix is shorter than that. */
export function resourcePrefix(key: string): string {
  const group = key.indexOf('/', 1)
  return group < 0 ? '' : key.slice(0, key.indexOf('/', group + 1) + 1)
}
