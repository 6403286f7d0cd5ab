import { expect, test } from 'vitest'
import { parseCron } from './cron-schedule.ts'

function times(schedule: string, { zone, from, count = 4 }: { zone?: string; from: string; count?: number }) {
  const cron = parseCron(schedule, zone)
  const found: (string | undefined)[] = []
  let at: number | undefined = Date.parse(from)
  for (let i = 0; i < count && at !== undefined; i++) {
    at = cron.next(at)
    found.push(at === undefined ? undefined : new Date(at).toISOString().replace(':00.000Z', 'Z'))
  }
  return found
}

// What github.com/robfig/cron/v3 answers.
test.each<[schedule: string, zone: string, from: string, expected: (string | undefined)[]]>([
  ['*/20 * * * *', 'UTC', '2026-03-01T00:05:10Z', ['2026-03-01T00:20Z', '2026-03-01T00:40Z', '2026-03-01T01:00Z']],
  ['0 9 * * mon-fri', 'UTC', '2026-03-06T10:00:00Z', ['2026-03-09T09:00Z', '2026-03-10T09:00Z']],
  ['0 0 13 * 5', 'UTC', '2026-03-01T00:00:00Z', ['2026-03-06T00:00Z', '2026-03-13T00:00Z', '2026-03-20T00:00Z']],
  ['0 0 13 * ?', 'UTC', '2026-03-01T00:00:00Z', ['2026-03-13T00:00Z', '2026-04-13T00:00Z']],
  ['@yearly', 'UTC', '2026-03-01T00:00:00Z', ['2027-01-01T00:00Z', '2028-01-01T00:00Z']],
  ['0 0 29 2 *', 'UTC', '2026-03-01T00:00:00Z', ['2028-02-29T00:00Z']],
  ['0 0 30 2 *', 'UTC', '2026-03-01T00:00:00Z', [undefined]],
  ['15 0 1 1 *', 'Asia/Kolkata', '2026-03-01T00:00:00Z', ['2026-12-31T18:45Z', '2027-12-31T18:45Z']],
  ['0 0 * * 1', 'Pacific/Auckland', '2026-04-01T00:00:00Z', ['2026-04-05T12:00Z', '2026-04-12T12:00Z']],
  ['TZ=Europe/Berlin 0 12 * * *', 'UTC', '2026-06-01T00:00:00Z', ['2026-06-01T10:00Z']],
])('%s in %s', (schedule, zone, from, expected) => {
  expect(times(schedule, { zone, from, count: expected.length })).toEqual(expected)
})

test('an hour that summer time leaves out is left out, one that comes twice comes twice', () => {
  const zone = 'America/New_York'
  expect(times('30 2 * * *', { zone, from: '2026-03-07T12:00:00Z', count: 2 })).toEqual([
    '2026-03-09T06:30Z',
    '2026-03-10T06:30Z',
  ])
  expect(times('30 1 * * *', { zone, from: '2026-10-31T12:00:00Z', count: 3 })).toEqual([
    '2026-11-01T05:30Z',
    '2026-11-01T06:30Z',
    '2026-11-02T06:30Z',
  ])
})

test('a period counts from the last time', () => {
  expect(parseCron('@every 1h30m').next(500)).toBe(5_400_000)
  expect(parseCron('@every 10ms').next(0)).toBe(1000)
})

test.each([
  ['', 'empty spec string'],
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['@often', 'unrecognized descriptor: @often'],
  ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
  ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
  ['@every 5y', 'failed to parse duration @every 5y: time: unknown unit "y" in duration "5y"'],
  ['TZ=0', 'invalid schedule format: runtime error: slice bounds out of range [:-1]'],
  ['TZ=Mars/Base * * * * *', 'provided bad location Mars/Base: unknown time zone Mars/Base'],
])('%j: %s', (schedule, message) => {
  expect(() => parseCron(schedule)).toThrow(message)
})
