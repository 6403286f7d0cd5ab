import type { SchemaRules } from '../../resources/apiextensions/rules.ts'
import { loadPatterns } from '../../resources/custom/pattern.ts'

let loaded: SchemaRules | undefined

/** Loads what works with schemas, CEL and regular expressions: a cluster without definitions does without. */
export async function loadSchemas(): Promise<void> {
  if (loaded) return
  await loadPatterns()
  loaded = (await import('../cel/schema-rules.ts')).schemaRules
}

/** The rules of schemas; to be used after `loadSchemas`. */
export const rules: SchemaRules = {
  check: (...given) => compiler().check(...given),
  compile: schema => compiler().compile(schema),
}

function compiler(): SchemaRules {
  if (!loaded) throw new Error('the rules of schemas are not loaded')
  return loaded
}
