import type { SchemaRules } from '../../resources/apiextensions/rules.ts'
import { checkRules } from './check-rules.ts'
import { ruleEvaluator } from './evaluate-rules.ts'

/** The rules of schemas (x-kubernetes-validations) in CEL. */
export const schemaRules: SchemaRules = { check: checkRules, compile: ruleEvaluator }
