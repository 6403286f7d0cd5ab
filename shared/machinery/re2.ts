import type { RE2JS } from 're2js'

let engine: typeof RE2JS | undefined

/** Gets regular expressions of RE2 ready: its tables are large, and most clusters do without. */
export async function loadRe2(): Promise<typeof RE2JS> {
  engine ??= (await import('re2js')).RE2JS
  return engine
}

/** The engine once it is loaded; throws an Error before. */
export function re2(): typeof RE2JS {
  if (!engine) throw new Error('regular expressions are not loaded')
  return engine
}
