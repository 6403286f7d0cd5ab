import { describe, expect, it } from 'vitest'
import { createLogDecoder } from './log-decoder.ts'

interface Entry {
  log: string
  stream?: string
  time?: string
}

/** As the engine's Go writes it: it escapes what means something in HTML, too. */
const line = ({ log, stream = 'stdout', time = '2026-01-02T03:04:05.6Z' }: Entry) =>
  `${JSON.stringify({ log, stream, time }).replaceAll(/[<>&\u2028]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`

function decoded(file: string, options: { timestamps?: boolean; since?: string; cut?: number } = {}): string {
  const { timestamps = false, since, cut = Infinity } = options
  const decode = createLogDecoder({ timestamps, ...(since !== undefined && { since: Date.parse(since) }) })
  const bytes = Buffer.from(file)
  const pieces = []
  for (let at = 0; at < bytes.length; at += cut) pieces.push(Buffer.from(decode(bytes.subarray(at, at + cut))))
  return Buffer.concat(pieces).toString()
}

const hard = [
  '\n',
  'tab\tquote"\\ \r\b\f\u0001\n',
  '<b>&amp;</b>\u2028\n',
  'größer 漢字 🙂\n',
  '","stream":"x"}\n',
  'no end',
]
const all = hard.map((log, at) => line({ log, stream: at % 2 ? 'stderr' : 'stdout' })).join('')

describe('the decoder of log files', () => {
  it.each([1, 2, 3, 7, 20, 61, 1000])('gives the output as it was, of pieces of %i bytes', cut => {
    expect(decoded(all, { cut })).toBe(hard.join(''))
  })

  it('puts times with nine digits before lines, and one before a line of several entries', () => {
    const file = [
      { log: 'one\n', time: '2026-01-02T03:04:05.000000012Z' },
      { log: 'two ', time: '2026-01-02T03:04:06Z' },
      { log: 'parts\n', time: '2026-01-02T03:04:07.5Z' },
      { log: '', time: '2026-01-02T03:04:08.1Z' },
      { log: 'last\n', time: '2026-01-02T03:04:09.12Z' },
    ]
    for (const cut of [Infinity, 9])
      expect(decoded(file.map(line).join(''), { timestamps: true, cut })).toBe(
        [
          '2026-01-02T03:04:05.000000012Z one\n',
          '2026-01-02T03:04:06.000000000Z two parts\n',
          '2026-01-02T03:04:08.100000000Z ',
          '2026-01-02T03:04:09.120000000Z last\n',
        ].join(''),
      )
  })

  it.each([
    ['2026-01-02T03:04:05Z', 'whole tenth exact half '],
    ['2026-01-02T03:04:05.1Z', 'tenth exact half '],
    ['2026-01-02T03:04:05.120Z', 'exact half '],
    ['2026-01-02T03:04:05.121Z', 'half '],
    ['1950-01-01T00:00:00Z', 'whole tenth exact half '],
    ['2026-01-02T03:04:06Z', ''],
  ])('leaves out what was written before %s', (since, rest) => {
    const times = { whole: ':05Z', tenth: ':05.1Z', exact: ':05.12Z', half: ':05.5Z' }
    const file = Object.entries(times).map(([log, end]) => line({ log: `${log} `, time: `2026-01-02T03:04${end}` }))
    expect(decoded(file.join(''), { since })).toBe(rest)
  })

  it('shows of half a line what can be read, and all after it', () => {
    const whole = line({ log: 'whole\n' })
    for (const half of ['{"log":"half\n', '{"lo\n', '\n', '{"log":"half\\n","str\n', '{"log":"half\\', '{"log":"ha'])
      expect(decoded(`${half}${whole.repeat(3)}`, { timestamps: true })).toMatch(/05\.600000000Z whole\n$/)
    expect(decoded(`{"log":"half\n${whole}`)).toBe('halfwhole\n')
    expect(decoded('{"log":"half\\n","stream":"std\n')).toBe('half\n')
  })
})
