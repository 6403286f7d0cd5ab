import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLogBuffer } from './log-buffer.ts'
import type { Level, LogLine } from './log-line.ts'

let lastId = 0
const line = (ms: number, text = '', more: Partial<LogLine> = {}): LogLine => ({
  id: ++lastId,
  time: '',
  ms,
  source: 0,
  text,
  level: undefined,
  ...more,
})
const all = { matches: undefined, hiddenLevels: new Set<Level>(), hiddenSources: new Set<number>() }

it('merges sources by time, whatever order they arrive in', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(100), { maxLength: 10 })), batches => {
      const buffer = createLogBuffer(1_000)
      for (const batch of batches) buffer.add(batch.map(ms => line(ms)))
      const times = buffer.lines.map(({ ms }) => ms)
      expect(times).toEqual(batches.flat().toSorted((a, b) => a - b))
      expect(buffer.shown).toEqual(buffer.lines)
    }),
  )
})

it('keeps lines of one moment in the order they came', () => {
  const buffer = createLogBuffer(10)
  buffer.add([line(5, 'a'), line(5, 'b')])
  buffer.add([line(5, 'c'), line(4, 'd')])
  expect(buffer.lines.map(({ text }) => text)).toEqual(['d', 'a', 'b', 'c'])
})

it('drops the oldest beyond its bound and says how many', () => {
  const buffer = createLogBuffer(3)
  expect(buffer.add([line(1, 'a', { level: 'error' }), line(2, 'b')])).toEqual({ added: 2, removed: 0 })
  expect(buffer.add([line(3, 'c'), line(4, 'd')])).toEqual({ added: 2, removed: 1 })
  expect([buffer.lines.length, buffer.dropped, buffer.counts.error]).toEqual([3, 1, 0])
})

it('filters by text, level and source, also what comes later', () => {
  const buffer = createLogBuffer(10)
  buffer.add([line(1, 'slow query'), line(2, 'other'), line(3, 'slow', { level: 'debug' })])
  buffer.filter({ ...all, matches: text => text.includes('slow'), hiddenLevels: new Set<Level>(['debug']) })
  expect(buffer.shown.map(({ text }) => text)).toEqual(['slow query'])
  buffer.add([line(4, 'slow again'), line(5, 'no'), line(6, 'a restart', { mark: true })])
  expect(buffer.shown.map(({ text }) => text)).toEqual(['slow query', 'slow again', 'a restart'])
  buffer.filter({ ...all, hiddenSources: new Set([0]) })
  expect(buffer.shown).toEqual([])
  buffer.filter(all)
  expect(buffer.shown).toHaveLength(6)
})

it('counts levels and forgets everything when cleared', () => {
  const buffer = createLogBuffer(10)
  buffer.add([line(1, '', { level: 'error' }), line(2, '', { level: 'warn' }), line(3, '', { level: 'error' })])
  expect(buffer.counts).toEqual({ error: 2, warn: 1, info: 0, debug: 0 })
  buffer.clear()
  expect(buffer.counts.error + buffer.lines.length + buffer.shown.length).toBe(0)
})
