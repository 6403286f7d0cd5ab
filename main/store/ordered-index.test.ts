import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyRange } from './key-range.ts'
import { createOrderedIndex } from './ordered-index.ts'

const key = (n: number) => `/core/pods/ns-${n % 3}/pod-${n}`

test('a range is what sorting and filtering all keys gives, whatever the order of writes', () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { minLength: 500, maxLength: 3000, size: 'max' })
  const place = fc.integer({ min: 0, max: 5000 })
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 5 }), place, fc.nat(700), (added, step, after, limit) => {
      const index = createOrderedIndex<{ key: string; n: number }>()
      for (const n of added) index.set({ key: key(n), n: -1 })
      for (const n of added) index.set({ key: key(n), n })
      added.filter((_, i) => i % step === 0).forEach(n => index.delete(key(n)))
      const left = added.filter((_, i) => i % step !== 0)

      for (const prefix of ['', '/core/pods/', '/core/pods/ns-1/', '/core/pod', '/zzz/']) {
        const expected = left.filter(n => key(n).startsWith(prefix) && key(n) > key(after))
        const range = keyRange(prefix, key(after))
        expect(index.count(range)).toBe(expected.length)
        expect(index.slice(range, limit).map(({ key }) => key)).toEqual(expected.map(key).sort().slice(0, limit))
      }
      expect(added.map(n => index.get(key(n))?.n)).toEqual(added.map((n, i) => (i % step === 0 ? undefined : n)))
    }),
    { numRuns: 20 },
  )
})
