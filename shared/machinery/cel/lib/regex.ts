import type { RE2JS } from 're2js'
import { re2 } from '../../re2.ts'
import type { Library } from '../functions.ts'
import { EvaluationError, listOf, type List } from '../value.ts'

/** Patterns are mostly literals of the same expressions. */
const compiled = new Map<string, RE2JS>()
const kept = 256

/** A pattern of RE2, which takes time linear in the text; `loadRe2` has to be awaited before. Throws EvaluationErrors. */
export function compilePattern(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known) return known
  const engine = re2()
  let regex: RE2JS
  try {
    regex = engine.compile(pattern)
  } catch (error) {
    throw new EvaluationError(error instanceof Error ? error.message : String(error))
  }
  if (compiled.size >= kept) compiled.clear()
  compiled.set(pattern, regex)
  return regex
}

const matches = (text: string, pattern: string) => compilePattern(pattern).matcher(text).find()

function find(text: string, pattern: string): string {
  const matcher = compilePattern(pattern).matcher(text)
  return matcher.find() ? (matcher.group() ?? '') : ''
}

function findAll(text: string, pattern: string, limit = -1n): List {
  const matcher = compilePattern(pattern).matcher(text)
  const found: string[] = []
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) found.push(matcher.group() ?? '')
  return listOf(found)
}

/** `matches`, and Kubernetes' functions that find (apiserver/pkg/cel/library/regex.go). */
export const regex: Library = {
  'matches(string, string) -> bool': matches,
  'string.matches(string) -> bool': matches,
  'string.find(string) -> string': find,
  'string.findAll(string) -> list(string)': findAll,
  'string.findAll(string, int) -> list(string)': findAll,
}
