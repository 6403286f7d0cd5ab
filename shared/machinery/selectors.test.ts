import { describe, expect, test } from 'vitest'
import {
  formatLabelSelector,
  formatRequirements,
  matchesRequirements,
  nothing,
  parseFieldSelector,
  parseLabelSelector,
  requirementsOf,
} from './selectors.ts'
import { StatusError } from './status.ts'

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (e) {
    expect(e).toBeInstanceOf(StatusError)
    expect((e as StatusError).code).toBe(400)
    return (e as StatusError).message
  }
  return ''
}

describe('a label selector', () => {
  test.each([
    ['a=b', { a: 'b' }, true],
    ['a=b', { a: 'c' }, false],
    ['a==b', { a: 'b' }, true],
    ['a!=b', {}, true],
    ['a!=b', { a: 'b' }, false],
    ['a in (b, c)', { a: 'c' }, true],
    ['a in (b,c)', {}, false],
    ['a notin (b)', {}, true],
    ['a notin (b)', { a: 'b' }, false],
    ['a', { a: '' }, true],
    ['!a', { a: '' }, false],
    ['!a', {}, true],
    ['a=', { a: '' }, true],
    ['a in ()', { a: '' }, true],
    ['a in (,b)', { a: '' }, true],
    ['n>5', { n: '10' }, true],
    ['n<5', { n: '10' }, false],
    ['n>5', { n: 'x' }, false],
    ['a=b,c!=d', { a: 'b', c: 'd' }, false],
    ['in in (in)', { in: 'in' }, true],
    [' a = b , c ', { a: 'b', c: 'x' }, true],
    ['', { a: 'b' }, true],
  ])('%j on %j: %s', (text, labels, expected) => {
    expect(matchesRequirements(parseLabelSelector(text), labels as Record<string, string>)).toBe(expected)
  })

  test.each([
    ['b=1,a=2', 'a=2,b=1'],
    ['x in (b,a)', 'x in (a,b)'],
    ['x notin (a)', 'x notin (a)'],
    ['!x,y', '!x,y'],
    ['a==b,c!=d', 'a==b,c!=d'],
  ])('%s is written as %s', (text, expected) => {
    expect(formatRequirements(parseLabelSelector(text))).toBe(expected)
  })

  test.each([
    ['a,', "found '', expected: identifier after ','"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    [
      'a=b/c',
      `unable to parse requirement: values[0][a]: Invalid value: "b/c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
    ['/a=b', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'],
    [
      'n>x',
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
  ])('%s is refused', (text, expected) => {
    expect(messageOf(() => parseLabelSelector(text))).toBe(expected)
  })
})

describe('the selector of an object', () => {
  test('selects nothing when it is absent and everything when it is empty', () => {
    expect(requirementsOf(undefined)).toBe(nothing)
    expect(matchesRequirements(nothing, {})).toBe(false)
    expect(matchesRequirements(nothing, { '': '' })).toBe(false)
    expect(matchesRequirements(requirementsOf({}), { a: 'b' })).toBe(true)
  })

  test('is printed as kubectl takes it', () => {
    const expressions = [
      { key: 'b', operator: 'NotIn', values: ['2', '1'] },
      { key: 'c', operator: 'DoesNotExist' },
    ]
    expect(formatLabelSelector({ matchLabels: { a: '1' }, matchExpressions: expressions })).toBe('a=1,b notin (1,2),!c')
    expect(formatLabelSelector({})).toBe('<none>')
    expect(formatLabelSelector(undefined)).toBe('<none>')
  })
})

describe('a field selector', () => {
  test.each([
    ['status.phase=Running', [{ field: 'status.phase', value: 'Running', negated: false }]],
    ['a==b', [{ field: 'a', value: 'b', negated: false }]],
    ['spec.nodeName!=', [{ field: 'spec.nodeName', value: '', negated: true }]],
    ['a=b\\,c\\=d\\\\', [{ field: 'a', value: 'b,c=d\\', negated: false }]],
    ['', []],
    [',', []],
    ['=,!=', []],
  ])('%s', (text, expected) => {
    expect(parseFieldSelector(text)).toEqual(expected)
  })

  test.each([
    ['abc', "invalid selector: 'abc'; can't understand 'abc'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=b\\x', 'invalid field selector: invalid escape sequence: \\x'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
  ])('%s is refused', (text, expected) => {
    expect(messageOf(() => parseFieldSelector(text))).toBe(expected)
  })
})
