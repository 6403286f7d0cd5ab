import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createScrollback } from './scrollback.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => new TextDecoder().decode(data)

it('gives everything while it fits', () => {
  const scrollback = createScrollback({ maxBytes: 100, maxLines: 10 })
  scrollback.push(bytes('one\ntwo'))
  scrollback.push(bytes('\nthree'))
  expect(text(scrollback.read(0).data)).toBe('one\ntwo\nthree')
})

it('continues where a reader stopped', () => {
  const scrollback = createScrollback({ maxBytes: 100, maxLines: 10 })
  scrollback.push(bytes('one'))
  const { end } = scrollback.read(0)
  scrollback.push(bytes('two'))
  expect(text(scrollback.read(end).data)).toBe('two')
  expect(scrollback.read(scrollback.end).data.byteLength).toBe(0)
})

it('drops whole lines from the front, by bytes and by lines', () => {
  const byBytes = createScrollback({ maxBytes: 10, maxLines: 100 })
  byBytes.push(bytes('first\nsecond\nx'))
  expect(text(byBytes.read(0).data)).toBe('second\nx')
  const byLines = createScrollback({ maxBytes: 1000, maxLines: 2 })
  byLines.push(bytes('1\n2\n'))
  byLines.push(bytes('3\n4'))
  expect(text(byLines.read(0).data)).toBe('2\n3\n4')
})

it('keeps to its bounds and only ever loses a prefix', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[ab\n]{0,12}$/)), chunks => {
      const scrollback = createScrollback({ maxBytes: 20, maxLines: 4 })
      for (const chunk of chunks) scrollback.push(bytes(chunk))
      const kept = text(scrollback.read(0).data)
      expect(kept.length).toBeLessThanOrEqual(20)
      expect(kept.split('\n').length - 1).toBeLessThanOrEqual(4)
      expect(chunks.join('').endsWith(kept)).toBe(true)
    }),
  )
})

it('does not keep the memory of its caller', () => {
  const scrollback = createScrollback({ maxBytes: 100, maxLines: 10 })
  const chunk = bytes('abc')
  scrollback.push(chunk)
  chunk.fill(0)
  expect(text(scrollback.read(0).data)).toBe('abc')
})
