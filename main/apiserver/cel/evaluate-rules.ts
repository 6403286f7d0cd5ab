import { adapt } from '../../../shared/machinery/cel/adapt.ts'
import { budgetOf, perCallLimit, totalLimit, type Budget } from '../../../shared/machinery/cel/budget.ts'
import type { Program } from '../../../shared/machinery/cel/plan.ts'
import { EvaluationError, none, optionalOf, type Value } from '../../../shared/machinery/cel/value.ts'
import type { StatusCause } from '../../../shared/api/object.ts'
import { child, duplicate, forbidden, index, invalid, key, required } from '../../../shared/machinery/field-errors.ts'
import { isList, isObject, jsonEqual } from '../../../shared/machinery/json-value.ts'
import type { Schema, ValidationRule } from '../../../shared/machinery/schema.ts'
import { followPath } from '../../resources/apiextensions/field-path.ts'
import type { RuleInput } from '../../resources/apiextensions/rules.ts'
import { evaluateMessage } from './message.ts'
import { compileRules, type RuleProgram } from './rule-programs.ts'

/** A schema with the rules in it and below it. */
interface RuleNode {
  readonly schema: Schema
  readonly root: boolean
  readonly rules: () => readonly RuleProgram[]
  readonly properties: ReadonlyMap<string, RuleNode>
  readonly additional: RuleNode | undefined
  readonly items: RuleNode | undefined
}

/** A value and the one that it replaces, if there is one and it can be told which. */
interface Position {
  readonly path: string
  readonly value: unknown
  readonly old: unknown
  /** Whether it is, or is part of, something that an update leaves as it was. */
  readonly unchanged: () => boolean
}

/** What is left for all rules of an object, and what they have found. */
interface Run {
  left: number
  /** No more rules are run. */
  stopped: boolean
  readonly causes: StatusCause[]
}

/** Evaluates the rules of a schema (apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go); undefined if it has none. */
export function ruleEvaluator(schema: Schema): ((input: RuleInput) => StatusCause[]) | undefined {
  const node = nodeOf(schema, true)
  if (!node) return undefined
  return ({ value, old, path }) => {
    const run: Run = { left: totalLimit, stopped: false, causes: [] }
    evaluate(node, { path, value, old, unchanged: () => old !== undefined && jsonEqual(value, old) }, run)
    return run.causes
  }
}

function nodeOf(schema: Schema, root: boolean): RuleNode | undefined {
  const below = (one: Schema | undefined) => one && nodeOf(one, one['x-kubernetes-embedded-resource'] === true)
  const { additionalProperties } = schema
  const properties = new Map(
    Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
      const node = below(property)
      return node ? [[name, node] as const] : []
    }),
  )
  const additional = typeof additionalProperties === 'object' ? below(additionalProperties) : undefined
  const items = below(schema.items)
  const own = schema['x-kubernetes-validations']?.length ?? 0
  if (own === 0 && properties.size === 0 && !additional && !items) return undefined
  let compiled: readonly RuleProgram[] | undefined
  const rules = () => (compiled ??= own === 0 ? [] : compileRules(schema, root))
  return { schema, root, rules, properties, additional, items }
}

function evaluate(node: RuleNode, at: Position, run: Run): void {
  // Only what is there is held to rules: whether it must be is for the schema around it.
  if (run.stopped || at.value === null || at.value === undefined) return
  evaluateOwn(node, at, run)
  const { value, old } = at
  if (isList(value)) {
    if (!node.items) return
    const oldOf = correlate(node.schema, old)
    for (const [i, item] of value.entries()) {
      evaluate(node.items, below(at, { path: index(at.path, i), value: item, old: oldOf(item) }), run)
    }
  } else if (isObject(value)) {
    const before = isObject(old) ? old : {}
    for (const [name, member] of Object.entries(value)) {
      const inner = { value: member, old: Object.hasOwn(before, name) ? before[name] : undefined }
      if (node.additional) evaluate(node.additional, below(at, { ...inner, path: key(at.path, name) }), run)
      const property = node.properties.get(name)
      if (property) evaluate(property, below(at, { ...inner, path: child(at.path, name) }), run)
    }
  }
}

function below(parent: Position, inner: Omit<Position, 'unchanged'>): Position {
  const unchanged = () => (inner.old !== undefined && jsonEqual(inner.value, inner.old)) || parent.unchanged()
  return { ...inner, unchanged }
}

/** Finds the old element of a new one: only the elements of lists with keys can be told apart. */
function correlate(schema: Schema, old: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (schema['x-kubernetes-list-type'] !== 'map' || !isList(old)) return () => undefined
  const keyOf = (item: unknown) =>
    JSON.stringify(
      keys.map(name => (isObject(item) ? (item[name] ?? schema.items?.properties?.[name]?.default ?? null) : null)),
    )
  const byKey = new Map(old.map(item => [keyOf(item), item]))
  return item => byKey.get(keyOf(item))
}

function evaluateOwn({ schema, root, rules }: RuleNode, at: Position, run: Run): void {
  const programs = rules()
  if (programs.length === 0) return
  const self = adapt(at.value, schema, root)
  const old = at.old === undefined || at.old === null ? undefined : adapt(at.old, schema, root)
  const type = schema.type ?? ''
  const fail = (why: string) => run.causes.push(invalid(at.path || '<nil>', type, why))
  for (const program of programs) {
    if (run.left <= 0) {
      fail(exhausted)
      run.stopped = true
      return
    }
    const { rule, condition, usesOldSelf } = program
    if (condition.fault !== undefined) {
      fail(`rule compile error: ${condition.fault}`)
      continue
    }
    if (usesOldSelf && old === undefined && rule.optionalOldSelf !== true) continue
    const oldSelf = rule.optionalOldSelf === true ? (old === undefined ? none : optionalOf(old)) : old
    const variable = (name: string): Value | undefined =>
      name === 'self' ? self : name === 'oldSelf' ? oldSelf : undefined
    const outcome = attempt(condition.program, variable, run)
    if (outcome === true) continue
    if (outcome instanceof EvaluationError) {
      fail(failure(outcome, rule))
      run.stopped ||= outcome.cancelled
      if (run.stopped) return
    } else if (usesOldSelf || !at.unchanged()) run.causes.push(refusal(program, { at, schema, variable, run }))
  }
}

const exhausted = 'validation failed due to running out of cost budget, no further validation rules will be run'

function attempt(program: Program, variable: (name: string) => Value | undefined, run: Run): Value | EvaluationError {
  const budget: Budget = budgetOf(perCallLimit)
  try {
    return program.evaluate(variable, budget)
  } catch (error) {
    if (error instanceof EvaluationError) return error
    throw error
  } finally {
    run.left -= budget.spent
  }
}

const ruleText = ({ message, rule }: ValidationRule) => (message ? message.trim() : rule.trim())

function failure({ message, cancelled }: EvaluationError, rule: ValidationRule): string {
  if (cancelled) {
    return `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`
  }
  if (message.startsWith('no such overload')) {
    return `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`
  }
  return `${message} evaluating rule: ${ruleText(rule)}`
}

interface Refused {
  readonly at: Position
  readonly schema: Schema
  readonly variable: (name: string) => Value | undefined
  readonly run: Run
}

/** Why a rule does not hold, where its author wants that said. */
function refusal({ rule, message }: RuleProgram, { at, schema, variable, run }: Refused): StatusCause {
  const budget = budgetOf(Math.min(perCallLimit, Math.max(0, run.left)))
  const said = message?.fault === undefined && message ? evaluateMessage(message.program, variable, budget) : undefined
  run.left -= budget.spent
  const detail = said ?? (rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`)
  const inner = rule.fieldPath ? followPath(schema, rule.fieldPath, { arrayNotation: true }) : undefined
  const path = (inner && 'path' in inner ? joined(at.path, inner.path) : at.path) || '<nil>'
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail)
    case 'FieldValueRequired':
      return required(path, detail)
    case 'FieldValueDuplicate':
      return isWhole(schema)
        ? { reason: 'FieldValueDuplicate', message: 'Duplicate value', field: path }
        : duplicate(path, at.value)
    default:
      if (!isWhole(schema)) return invalid(path, at.value, detail)
      return { reason: 'FieldValueInvalid', message: `Invalid value: ${detail}`, field: path }
  }
}

/** Objects and lists are not shown. */
const isWhole = ({ type }: Schema) => type === 'object' || type === 'array'
const joined = (path: string, inner: string) => (inner.startsWith('[') ? path + inner : child(path, inner))
