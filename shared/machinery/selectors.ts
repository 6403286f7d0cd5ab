import type { StatusCause } from '../api/object.ts'
import { causeText, index, invalid, key as at } from './field-errors.ts'
import { isLabelValue, isQualifiedName } from './names.ts'
import { lexSelector, type Token } from './selector-lexer.ts'
import { badRequest } from './status.ts'

type Operator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<'

/** One condition on labels. `values` is sorted, and empty for `exists` and `!`. */
export interface Requirement {
  key: string
  operator: Operator
  values: string[]
}

/** A LabelSelector as objects carry it (meta/v1 types.go). */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** What an absent selector means: no labels can meet it. */
export const nothing: readonly Requirement[] = [{ key: '', operator: 'in', values: [] }]

/**
 * The requirements of a selector in an object: an empty selector gives none and so selects everything, an absent one
 * gives `nothing`. An operator that does not exist selects nothing too; validation has refused it before.
 */
export function requirementsOf(selector: LabelSelector | null | undefined): readonly Requirement[] {
  if (!selector) return nothing
  const exact = Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: '=',
    values: [value],
  }))
  const expressions = (selector.matchExpressions ?? []).map((expression): Requirement => {
    const operator = expressionOperators[expression.operator] ?? 'in'
    return { key: expression.key, operator, values: [...(expression.values ?? [])].sort() }
  })
  return [...exact, ...expressions].sort(byKey)
}

const expressionOperators: Partial<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

/** Whether labels meet every requirement. */
export function matchesRequirements(
  requirements: readonly Requirement[],
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return requirements.every(requirement => meets(requirement, labels?.[requirement.key]))
}

function meets({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '>':
    case '<':
      return compares({ operator, value, limit: values[0] })
  }
}

function compares({
  operator,
  value,
  limit,
}: {
  operator: '>' | '<'
  value?: string | undefined
  limit?: string | undefined
}) {
  if (value === undefined || limit === undefined || !integer.test(value)) return false
  return operator === '>' ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit)
}

const integer = /^[-+]?\d+$/

/** A selector as `kubectl get -l` takes it and `/scale` prints it; '' for one that selects everything, and for `nothing`. */
export function formatRequirements(requirements: readonly Requirement[]): string {
  return requirements === nothing ? '' : requirements.map(formatRequirement).join(',')
}

function formatRequirement({ key, operator, values }: Requirement): string {
  if (operator === 'exists') return key
  if (operator === '!') return `!${key}`
  if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${values.join(',')})`
  return `${key}${operator}${values.join(',')}`
}

/** As upstream's FormatLabelSelector: `<none>` for one that selects everything and for none at all. */
export function formatLabelSelector(selector: LabelSelector | null | undefined): string {
  return formatRequirements(requirementsOf(selector)) || '<none>'
}

/**
 * Parses `a=b,c in (d,e),!f` (apimachinery/pkg/labels/selector.go), sorted by key.
 * Throws a 400 in upstream's words.
 */
export function parseLabelSelector(text: string): Requirement[] {
  const tokens = lexSelector(text)
  const requirements: Requirement[] = []
  let position = 0
  const peek = (): Token => tokens[position] ?? { type: 'end', text: '' }
  const next = (): Token => {
    const token = peek()
    position++
    return token
  }
  const fail = (message: string) => badRequest(message)
  const inside = (message: string) => fail(`unable to parse requirement: ${message}`)

  for (;;) {
    const first = peek()
    if (first.type === 'end') return requirements.sort(byKey)
    if (!startsRequirement(first)) throw fail(`found '${first.text}', expected: !, identifier, or 'end of string'`)
    requirements.push(requirement())
    const separator = next()
    if (separator.type === 'end') return requirements.sort(byKey)
    if (separator.type !== ',') throw fail(`found '${separator.text}', expected: ',' or 'end of string'`)
    if (!startsRequirement(peek())) throw fail(`found '${peek().text}', expected: identifier after ','`)
  }

  function requirement(): Requirement {
    let token = next()
    const negated = token.type === '!'
    if (negated) token = next()
    if (!isIdentifier(token)) throw inside(`found '${token.text}', expected: identifier`)
    const key = token.text
    const faults = isQualifiedName(key)
    if (faults.length > 0) throw inside(causeText(invalid('', key, faults.join('; '))))
    const after = peek().type
    if (negated) return { key, operator: '!', values: [] }
    if (after === 'end' || after === ',') return { key, operator: 'exists', values: [] }
    const operator = next()
    switch (operator.type) {
      case 'in':
      case 'notin':
        return checked({ key, operator: operator.type, values: valueList() })
      case '=':
      case '==':
      case '!=':
      case '>':
      case '<':
        return checked({ key, operator: operator.type, values: [exactValue()] })
      default:
        throw inside(`found '${operator.text}', expected: in, notin, =, ==, !=, gt, lt`)
    }
  }

  function exactValue(): string {
    const ahead = peek()
    if (ahead.type === 'end' || ahead.type === ',') return ''
    const token = next()
    if (!isIdentifier(token)) throw inside(`found '${token.text}', expected: identifier`)
    return token.text
  }

  /** `(a,b)`; nothing between two commas is the empty value. */
  function valueList(): string[] {
    const open = next()
    if (open.type !== '(') throw inside(`found '${open.text}' expected: '('`)
    const first = peek()
    if (!isIdentifier(first) && first.type !== ',' && first.type !== ')') {
      throw inside(`found '${first.text}', expected: ',', ')' or identifier`)
    }
    const values = new Set<string>()
    let expectsValue = true
    for (;;) {
      const token = next()
      if (isIdentifier(token) && expectsValue) {
        values.add(token.text)
        expectsValue = false
      } else if (token.type === ',' || token.type === ')') {
        if (expectsValue) values.add('')
        if (token.type === ')') return [...values].sort()
        expectsValue = true
      } else if (expectsValue) {
        throw inside(`found '${token.text}', expected: ',', or identifier`)
      } else {
        throw inside(`found '${token.text}', expected: ',' or ')'`)
      }
    }
  }

  function checked(parsed: Requirement): Requirement {
    const faults = requirementFaults(parsed)
    if (faults.length > 0) throw inside(faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`)
    return parsed
  }
}

function requirementFaults({ key, operator, values }: Requirement): string[] {
  const faults: StatusCause[] = []
  values.forEach((value, i) => {
    const path = index('values', i)
    if ((operator === '>' || operator === '<') && !integer.test(value)) {
      faults.push(invalid(path, value, "for 'Gt', 'Lt' operators, the value must be an integer"))
    }
    const wrong = isLabelValue(value)
    if (wrong.length > 0) faults.push(invalid(at(path, key), value, wrong.join('; ')))
  })
  return faults.map(causeText)
}

const isIdentifier = (token: Token) => token.type === 'identifier' || token.type === 'in' || token.type === 'notin'
const startsRequirement = (token: Token) => isIdentifier(token) || token.type === '!'
const byKey = (a: Requirement, b: Requirement) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/** One term of a field selector. */
export interface FieldTerm {
  field: string
  value: string
  negated: boolean
}

/**
 * Parses `status.phase=Running,spec.nodeName!=` (apimachinery/pkg/fields/selector.go); a backslash escapes `\\`, `,` and
 * `=` in values. Throws a 400 in upstream's words.
 */
export function parseFieldSelector(text: string): FieldTerm[] {
  const parts: string[] = text.match(/(?:\\[^]?|[^,\\])+/g) ?? []
  const terms = parts.sort().map(part => {
    const term = /^([^]*?)(!=|==|=)([^]*)$/.exec(part)
    if (!term) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    const [, field = '', operator = '', value = ''] = term
    return { field, value: unescapeValue(value), negated: operator === '!=' }
  })
  return terms.filter(term => term.field !== '' || term.value !== '')
}

function unescapeValue(value: string): string {
  return value.replace(/\\([^]?)|[,=]/g, (found, escaped: string | undefined) => {
    if (escaped === undefined)
      throw badRequest(`invalid field selector: unescaped character in value: ${found.charCodeAt(0)}`)
    if (!['\\', ',', '='].includes(escaped))
      throw badRequest(`invalid field selector: invalid escape sequence: ${found}`)
    return escaped
  })
}
