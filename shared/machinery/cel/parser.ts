import { depthOf, qualifiedName, type Expr, type ListExpr, type MapExpr, type StructExpr } from './ast.ts'
import { ParseError, syntaxError, tokenize, type Token } from './lexer.ts'
import { expandMacro } from './macros.ts'
import type { Value } from './value.ts'

/** Of parentheses and the like, as upstream's parser has it: deeper ones are refused before they exhaust the stack. */
const maxDepth = 250
/** Of the parsed expression: long chains of operators and macros count, too. */
const maxNesting = 1500
/** Code points; upstream's limit of an expression. */
const maxLength = 100_000

const relations = new Set(['<', '<=', '>', '>=', '==', '!=', 'in'])
const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

/** Parses an expression and expands its macros. Throws ParseErrors. */
export function parse(source: string): Expr {
  if (source.length > maxLength) {
    throw new ParseError(0, `expression code point size exceeds limit: size: ${source.length}, limit ${maxLength}`)
  }
  const tokens = tokenize(source)
  let position = 0
  let depth = 0
  const last = tokens[tokens.length - 1] as Token

  const expr = conditional()
  if (peek().kind !== 'end') throw unexpected(peek(), '<EOF>')
  if (depthOf(expr) > maxNesting) throw tooDeep(maxNesting)
  return expr

  function peek(ahead = 0): Token {
    return tokens[position + ahead] ?? last
  }

  function next(): Token {
    const token = peek()
    position++
    return token
  }

  function is(text: string): boolean {
    const token = peek()
    return token.kind === 'operator' && token.text === text
  }

  /** Takes the operator if it comes next. */
  function accept(text: string): Token | undefined {
    return is(text) ? next() : undefined
  }

  function expect(text: string): Token {
    const token = accept(text)
    if (!token && peek().kind === 'end') throw syntaxError(peek().at, `missing '${text}' at '<EOF>'`)
    if (!token) throw unexpected(peek(), `'${text}'`)
    return token
  }

  function conditional(): Expr {
    if (++depth > maxDepth) throw tooDeep(maxDepth)
    const condition = logical('||', '_||_', () => logical('&&', '_&&_', relation))
    const mark = accept('?')
    let result = condition
    if (mark) {
      const yes = logical('||', '_||_', () => logical('&&', '_&&_', relation))
      expect(':')
      result = call(mark, '_?_:_', condition, yes, conditional())
    }
    depth--
    return result
  }

  function logical(operator: string, name: string, operand: () => Expr): Expr {
    let left = operand()
    for (let token = accept(operator); token; token = accept(operator)) left = call(token, name, left, operand())
    return left
  }

  function relation(): Expr {
    let left = sum()
    while (peek().kind === 'operator' && relations.has(peek().text)) {
      const token = next()
      left = call(token, token.text === 'in' ? '@in' : `_${token.text}_`, left, sum())
    }
    return left
  }

  function sum(): Expr {
    let left = product()
    for (let token = accept('+') ?? accept('-'); token; token = accept('+') ?? accept('-')) {
      left = call(token, `_${token.text}_`, left, product())
    }
    return left
  }

  function product(): Expr {
    const operator = () => accept('*') ?? accept('/') ?? accept('%')
    let left = unary()
    for (let token = operator(); token; token = operator()) left = call(token, `_${token.text}_`, left, unary())
    return left
  }

  function unary(): Expr {
    const first = peek()
    if (first.kind !== 'operator' || (first.text !== '!' && first.text !== '-')) return member()
    let count = 0
    while (accept(first.text)) {
      count++
      // A minus right before a number belongs to it.
      const number = peek()
      if (first.text === '-' && count === 1 && typeof number.value !== 'undefined' && isNumber(number.value)) {
        next()
        return members({ kind: 'literal', at: first.at, value: negated(number.value) })
      }
    }
    const operand = member()
    return count % 2 === 0 ? operand : call(first, `${first.text}_`, operand)
  }

  function member(): Expr {
    return members(primary())
  }

  function members(start: Expr): Expr {
    let operand = start
    for (;;) {
      const open = peek()
      if (accept('.')) operand = selection(operand, open.at)
      else if (accept('[')) {
        const optional = accept('?')
        const index = conditional()
        expect(']')
        operand = call(open, optional ? '_[?_]' : '_[_]', operand, index)
      } else if (is('{')) {
        const name = qualifiedName(operand)
        if (name === undefined) return operand
        operand = struct(name)
      } else return operand
    }
  }

  function selection(operand: Expr, at: number): Expr {
    if (accept('?')) {
      const field = fieldName()
      const literal: Expr = { kind: 'literal', at: field.at, value: field.text }
      return { kind: 'call', at, name: '_?._', target: undefined, args: [operand, literal] }
    }
    const field = fieldName()
    if (!is('(')) return { kind: 'select', at, operand, field: field.text, test: false }
    return invocation(field.text, operand)
  }

  function fieldName(): Token {
    const token = next()
    if (token.kind !== 'ident') throw unexpected(token, 'IDENTIFIER')
    return token
  }

  function invocation(name: string, target: Expr | undefined): Expr {
    const { at } = expect('(')
    const args = sequence(')', () => conditional())
    return expandMacro({ at, name, target, args }) ?? { kind: 'call', at, name, target, args }
  }

  /** Items up to a closing bracket; a comma may stand behind the last one unless they are arguments. */
  function sequence<T>(close: string, item: () => T): T[] {
    const items: T[] = []
    while (!accept(close)) {
      items.push(item())
      if (accept(close)) break
      expect(',')
      if (close === ')' && is(')')) throw unexpected(peek(), 'an argument')
    }
    return items
  }

  function primary(): Expr {
    const token = next()
    if (token.kind === 'literal') return literal(token)
    if (token.kind === 'ident') return named(token, token.text)
    if (token.kind === 'operator') {
      switch (token.text) {
        case '(': {
          const inner = conditional()
          expect(')')
          return inner
        }
        case '[':
          return list(token)
        case '{':
          return map(token)
        case '.': {
          const name = next()
          if (name.kind === 'ident') return named(name, `.${name.text}`)
          throw unexpected(name, 'IDENTIFIER')
        }
      }
    }
    throw unexpected(
      token,
      "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
    )
  }

  function literal({ value = null, at }: Token): Expr {
    if (value === 1n << 63n) throw new ParseError(at, 'invalid int literal')
    return { kind: 'literal', at, value }
  }

  function named(token: Token, name: string): Expr {
    if (reserved.has(token.text)) throw new ParseError(token.at, `reserved identifier: ${token.text}`)
    return is('(') ? invocation(name, undefined) : { kind: 'ident', at: token.at, name }
  }

  function list({ at }: Token): ListExpr {
    const items = sequence(']', () => ({ optional: accept('?') !== undefined, value: conditional() }))
    return { kind: 'list', at, items }
  }

  function map({ at }: Token): MapExpr {
    const entries = sequence('}', () => {
      const optional = accept('?') !== undefined
      const key = conditional()
      const colon = expect(':')
      return { at: colon.at, optional, key, value: conditional() }
    })
    return { kind: 'map', at, entries }
  }

  function struct(name: string): StructExpr {
    const { at } = expect('{')
    const fields = sequence('}', () => {
      const optional = accept('?') !== undefined
      const field = fieldName()
      const colon = expect(':')
      return { at: colon.at, optional, name: field.text, value: conditional() }
    })
    return { kind: 'struct', at, name, fields }
  }
}

const tooDeep = (limit: number) => new ParseError(0, `expression recursion limit exceeded: ${limit}`)

function call({ at }: Token, name: string, ...args: Expr[]): Expr {
  return { kind: 'call', at, name, target: undefined, args }
}

const isNumber = (value: Value): value is bigint | number => typeof value === 'bigint' || typeof value === 'number'
const negated = (value: bigint | number) => (typeof value === 'bigint' ? -value : -value)

function unexpected(token: Token, expected: string): ParseError {
  const what = token.kind === 'end' || expected !== '<EOF>' ? 'mismatched' : 'extraneous'
  return syntaxError(token.at, `${what} input '${token.text}' expecting ${expected}`)
}
