import type { RE2JS } from 're2js'
import { loadRe2 } from '../../../shared/machinery/re2.ts'

/** Loaded when there is a schema to work with: a cluster without custom resources does without. */
let engine: typeof RE2JS | undefined
const compiled = new Map<string, RE2JS | string>()
/** Patterns come from schemas: few, and written by who may define kinds. */
const keptPatterns = 1000

/** Gets ready for patterns; to be awaited before a schema is checked or used. */
export async function loadPatterns(): Promise<void> {
  engine ??= await loadRe2()
}

/** Go's regular expressions, which take time in proportion to the text whatever the pattern; a text tells why one does not compile. */
function compile(pattern: string): RE2JS | string {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  if (!engine) throw new Error('patterns are not loaded')
  let made: RE2JS | string
  try {
    made = engine.compile(pattern)
  } catch (error) {
    made = error instanceof Error ? error.message : String(error)
  }
  if (compiled.size >= keptPatterns) compiled.clear()
  compiled.set(pattern, made)
  return made
}

/** Why a pattern does not compile; undefined if it does. */
export function patternFault(pattern: string): string | undefined {
  const made = compile(pattern)
  return typeof made === 'string' ? made : undefined
}

/** Whether a pattern is found anywhere in a text; one that does not compile is in none. */
export function matchesPattern(pattern: string, text: string): boolean {
  const made = compile(pattern)
  return typeof made !== 'string' && made.matcher(text).find()
}
