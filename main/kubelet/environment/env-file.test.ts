import { expect, it } from 'vitest'
import { envFileValue } from './env-file.ts'

it.each([
  ["  A='1'\n\tB='2'\n", 'B', '2'],
  ["# A='0'\n\nA='foo#bar' # last\n", 'A', 'foo#bar'],
  ["A='a\n b\n'\nB='2'", 'A', 'a\n b\n'],
  ["A='x=$Y ${Z} \\n'", 'A', 'x=$Y ${Z} \\n'],
  ["A='1'\r\n", 'A', '1'],
  ["A= '1'", 'A', undefined],
  ["A=''", 'A', undefined],
  ["A='1'", 'B', undefined],
])('%j has %s', (text, key, value) => {
  expect(envFileValue(text, key)).toBe(value)
})

it.each([
  ["B='1'\nA", "at line 2: missing '='"],
  ["='1'", 'at line 1: empty variable name'],
  ["A ='1'", "at line 1: whitespace before '=' is not allowed"],
  ['A=1', 'at line 1: value must be enclosed in single quotes'],
  ["B='1'\nA='\nx", 'starting at line 2: unclosed single quote'],
  ["A='1'2", 'at line 1: unexpected content after closing quote'],
])('%j is refused', (text, why) => {
  expect(() => envFileValue(text, 'A')).toThrow(`invalid environment variable format ${why}`)
})

it('reads no further than the key', () => {
  expect(envFileValue("A='1'\nnonsense", 'A')).toBe('1')
})

it('reads long values in good time', () => {
  const value = 'a\n'.repeat(2 ** 19)
  expect(envFileValue(`A='${value}'`, 'A')).toBe(value)
})
