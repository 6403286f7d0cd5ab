import { minSizeOf } from '../../../shared/machinery/cel/schema-type.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, forbidden, index, invalid, key } from '../../../shared/machinery/field-errors.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import type { Schema, ValidationRule } from '../../../shared/machinery/schema.ts'
import { compileRules, type RuleExpression, type RuleProgram } from './rule-programs.ts'

/** The most that one rule may cost by its estimate, and all of a schema together (apiextensions/validation). */
const ruleLimit = 10_000_000
const schemaLimit = 100_000_000
const maxRequestBytes = 3 * 1024 * 1024

interface Place {
  readonly path: string
  readonly root: boolean
  /** How often values of the schema may stand in an object; undefined if nothing says. */
  readonly count: number | undefined
  /** The list around the schema whose elements can't be told apart. */
  readonly uncorrelatable: string | undefined
}

interface Findings {
  readonly causes: StatusCause[]
  readonly costs: { path: string; cost: number }[]
}

/**
 * What is wrong with the rules of a version's schema: they don't compile, could cost too much with the largest values that
 * the schema allows, or ask for the old value where there is no telling which it is. Rules that were there before stay.
 */
export function checkRules(schema: Schema, path: string, old?: Schema): StatusCause[] {
  if (old && jsonEqual(schema, old)) return []
  const findings: Findings = { causes: [], costs: [] }
  visit(schema, { path, root: true, count: 1, uncorrelatable: undefined }, findings)
  const total = findings.costs.reduce((sum, { cost }) => sum + cost, 0)
  if (total <= schemaLimit) return findings.causes
  const expensive = findings.costs.filter(({ cost }) => cost >= schemaLimit / 100).sort((a, b) => b.cost - a.cost)
  const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
  return [
    ...findings.causes,
    ...expensive.slice(0, 4).map(rule => forbidden(rule.path, contributed)),
    forbidden(
      path,
      tooCostly('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total / schemaLimit),
    ),
  ]
}

function visit(schema: Schema, place: Place, findings: Findings): void {
  const { path, count } = place
  const { properties = {}, additionalProperties, items } = schema
  // As they are written: what is inside comes first.
  for (const [name, property] of Object.entries(properties)) {
    const at = key(child(path, 'properties'), name)
    visit(property, { ...place, path: at, root: embedded(property) }, findings)
  }
  if (typeof additionalProperties === 'object') {
    const inner = { ...place, path: child(path, 'additionalProperties'), root: embedded(additionalProperties) }
    visit(additionalProperties, { ...inner, count: times(count, schema.maxProperties) }, findings)
  }
  if (items) {
    const uncorrelatable = place.uncorrelatable ?? (schema['x-kubernetes-list-type'] === 'map' ? undefined : path)
    const inner = { path: child(path, 'items'), root: embedded(items), count: times(count, schema.maxItems) }
    visit(items, { ...inner, uncorrelatable }, findings)
  }
  compileRules(schema, place.root).forEach((program, i) => {
    checkRule(program, { ...place, path: index(child(path, 'x-kubernetes-validations'), i) }, { schema, findings })
  })
}

const embedded = (schema: Schema) => schema['x-kubernetes-embedded-resource'] === true
const times = (count: number | undefined, max: number | undefined) =>
  count === undefined || max === undefined ? undefined : count * Math.max(0, max)

function checkRule(
  { rule, condition, message, usesOldSelf }: RuleProgram,
  { path, root, count, uncorrelatable }: Place,
  { schema, findings }: { schema: Schema; findings: Findings },
): void {
  const { causes } = findings
  const cardinality = count ?? Math.floor(maxRequestBytes / (minSizeOf(schema, root) + 1))
  const at = (name: string) => child(path, name)
  account(condition, { path: at('rule'), name: 'estimated rule cost', factor: cardinality, findings })
  if (condition.fault !== undefined) causes.push(invalid(at('rule'), goRule(rule), condition.fault))
  if (message?.fault !== undefined) causes.push(invalid(at('messageExpression'), goRule(rule), message.fault))
  else if (message) {
    account(message, { path: at('messageExpression'), name: 'estimated messageExpression cost', factor: 1, findings })
  }
  if (usesOldSelf && uncorrelatable !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`
    causes.push(invalid(at('rule'), rule.rule, why))
  } else if (!usesOldSelf && rule.optionalOldSelf !== undefined) {
    causes.push(invalid(at('optionalOldSelf'), rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'))
  }
}

interface Account {
  readonly path: string
  readonly name: string
  readonly factor: number
  readonly findings: Findings
}

function account(expression: RuleExpression, { path, name, factor, findings }: Account): void {
  if (expression.fault !== undefined) return
  const cost = expression.maxCost * factor
  findings.costs.push({ path, cost })
  if (cost > ruleLimit) findings.causes.push(forbidden(path, tooCostly(name, cost / ruleLimit)))
}

function tooCostly(what: string, factor: number): string {
  const times = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`
  return `${what} exceeds budget by factor of ${times} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}

/** A rule as upstream shows it: its internal type has no JSON names. */
const goRule = ({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: ValidationRule) => ({
  Rule: rule,
  Message: message ?? '',
  MessageExpression: messageExpression ?? '',
  Reason: reason ?? null,
  FieldPath: fieldPath ?? '',
  OptionalOldSelf: optionalOldSelf ?? null,
})
