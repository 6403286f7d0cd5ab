import { expect, it } from 'vitest'
import { fieldsOf, levelOf, toLogLine } from './log-line.ts'

it('takes the kubelet’s timestamp off', () => {
  expect(toLogLine('2026-11-21T14:04:52.611000001Z connecting', 2, 7)).toEqual({
    id: 7,
    time: '2026-11-21T14:04:52.611000001Z',
    ms: Date.UTC(2026, 10, 21, 14, 4, 52, 611),
    source: 2,
    text: 'connecting',
    level: undefined,
  })
  expect(toLogLine('no time', 0, 1)).toMatchObject({ time: '', text: 'no time' })
})

it.each([
  ['{"level":"error","msg":"x"}', 'error'],
  ['{"level":50,"msg":"x"}', 'error'],
  ['{"level":30,"msg":"x"}', 'info'],
  ['{"msg":"x","severity":"WARNING"}', 'warn'],
  ['time=x level=warn msg="slow"', 'warn'],
  ['E1121 14:04:52.611 1 main.go:1] x', 'error'],
  ['I1121 14:04:52.611 1 main.go:1] x', 'info'],
  ['2026/11/21 [error] 7#7: open() failed', 'error'],
  ['ERROR: nope', 'error'],
  ['\x1b[31mERROR\x1b[0m nope', 'error'],
  ['handled 3 errors and a warning', undefined],
  ['INFORMATION desk', undefined],
  ['{"broken', undefined],
])('finds the level of %j', (line, level) => {
  expect(levelOf(line)).toBe(level)
})

it('shows JSON and logfmt as message and fields', () => {
  expect(fieldsOf('{"level":"info","msg":"slow query","ms":412,"route":"/orders","tags":["a"]}')).toEqual({
    message: 'slow query',
    fields: [
      ['ms', '412'],
      ['route', '/orders'],
      ['tags', '["a"]'],
    ],
  })
  expect(fieldsOf('level=warn msg="say \\"hi\\"" n=1')).toEqual({ message: 'say "hi"', fields: [['n', '1']] })
  expect(fieldsOf('plain text with a=b')).toBeUndefined()
  expect(fieldsOf('{"broken')).toBeUndefined()
  expect(fieldsOf('[1,2]')).toBeUndefined()
})
