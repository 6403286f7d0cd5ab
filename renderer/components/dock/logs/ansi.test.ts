import { expect, it } from 'vitest'
import { parseAnsi, stripAnsi } from './ansi.ts'

it('splits a line at its colours', () => {
  expect(parseAnsi('a \x1b[31;1mred\x1b[0m b')).toEqual([
    { text: 'a ', classes: [] },
    { text: 'red', classes: ['bold', 'fg-1'] },
    { text: ' b', classes: [] },
  ])
})

it('knows bright colours, the palette and true colours', () => {
  expect(parseAnsi('\x1b[92mx')).toEqual([{ text: 'x', classes: ['fg-10'] }])
  expect(parseAnsi('\x1b[38;5;9mx')).toEqual([{ text: 'x', classes: ['fg-9'] }])
  expect(parseAnsi('\x1b[38;5;208;1mx')).toEqual([{ text: 'x', classes: ['bold'], color: 'rgb(255 135 0)' }])
  expect(parseAnsi('\x1b[48;2;1;2;999mx')).toEqual([{ text: 'x', classes: [], background: 'rgb(1 2 255)' }])
})

it('drops everything that is no colour, with what it carries', () => {
  expect(stripAnsi('\x1b]0;title\x07a\x1b]52;c;ZXZpbA==\x1b\\b\x1b[2Jc\x1b[10;5Hd\x08\re')).toBe('abcde')
  expect(stripAnsi('\x1b]8;;https://evil.example\x07link\x1b]8;;\x07')).toBe('link')
  expect(parseAnsi('x\x1b]0;never ended')).toEqual([{ text: 'x', classes: [] }])
})

it('keeps tabs and text of any language', () => {
  expect(stripAnsi('a\tb 你好 é')).toBe('a\tb 你好 é')
})
