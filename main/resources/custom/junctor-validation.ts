import type { Schema } from '../../../shared/machinery/schema.ts'
import { createResult, placeless, type Place, type Result } from './validation-result.ts'

/** allOf, anyOf, oneOf and not (kube-openapi/pkg/validation/validate/schema_props.go); `check` holds the value against one schema. */
export function validateJunctors(schema: Schema, at: Place, check: (schema: Schema) => Result): Result {
  const { anyOf = [], oneOf = [], allOf = [], not } = schema
  const result = createResult()
  const quoted = JSON.stringify(at.path)
  if (anyOf.length > 0) {
    const results = anyOf.map(check)
    const fitting = results.find(isFitting)
    if (!fitting) result.add(placeless(at, `${quoted} must validate at least one schema (anyOf)`))
    result.merge(fitting ?? closest(results))
  }
  if (oneOf.length > 0) {
    const results = oneOf.map(check)
    const fitting = results.filter(isFitting)
    if (fitting.length !== 1) {
      const found = fitting.length === 0 ? 'Found none valid' : `Found ${fitting.length} valid alternatives`
      result.add(placeless(at, `${quoted} must validate one and only one schema (oneOf). ${found}`))
    }
    if (fitting.length < 2) result.merge(fitting[0] ?? closest(results))
  }
  if (allOf.length > 0) {
    const results = allOf.map(check)
    results.forEach(one => {
      result.merge(one)
    })
    const fitting = results.filter(isFitting).length
    if (fitting < allOf.length) {
      const none = fitting === 0 ? '. None validated' : ''
      result.add(placeless(at, `${quoted} must validate all the schemas (allOf)${none}`))
    }
  }
  if (not && isFitting(check(not))) {
    result.add(placeless(at, `${quoted} must not validate the schema (not)`))
  }
  result.count(1)
  return result
}

const isFitting = ({ faults }: Result) => faults.length === 0

/** The first of those with the most checks passed. */
const closest = (results: readonly Result[]): Result =>
  results.reduce((best, one) => (one.matches > best.matches ? one : best))
