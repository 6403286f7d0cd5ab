import { expect, it } from 'vitest'
import { patternOf, piecesOf } from './highlight.ts'

const marked = (text: string, pattern: RegExp | undefined) =>
  piecesOf(text, pattern)
    .map(({ text: t, found }) => (found ? `[${t}]` : t))
    .join('')

it('marks every match, also inside colours', () => {
  expect(marked('slow and SLOW', patternOf('slow', false))).toBe('[slow] and [SLOW]')
  expect(marked('\x1b[31merror: slow\x1b[0m', patternOf('slow', false))).toBe('error: [slow]')
})

it('takes text as it stands unless it is to be a pattern', () => {
  expect(marked('a.c abc', patternOf('a.c', false))).toBe('[a.c] abc')
  expect(marked('a.c abc', patternOf('a.c', true))).toBe('[a.c] [abc]')
  expect(patternOf('a(', true)).toBeUndefined()
  expect(patternOf('', true)).toBeUndefined()
})

it('minds case once a capital is typed', () => {
  expect(marked('Error error', patternOf('Error', false))).toBe('[Error] error')
})

it('does not stumble over patterns that match nothing', () => {
  expect(marked('abc', patternOf('x*', true))).toBe('abc')
})
