import { expect, test } from 'vitest'
import { createHeap } from './heap.ts'

test('gives back in order what was put in at random, also in between', () => {
  const heap = createHeap<number>((a, b) => a < b)
  const numbers = Array.from({ length: 500 }, (_, i) => (i * 7919) % 500)
  for (const each of numbers) heap.push(each)
  const first = Array.from({ length: 250 }, () => heap.pop())
  for (const each of first) heap.push((each ?? 0) + 1000)
  const rest = Array.from({ length: 500 }, () => heap.pop())
  expect(first).toEqual(Array.from({ length: 250 }, (_, i) => i))
  expect(rest).toEqual(Array.from({ length: 500 }, (_, i) => (i < 250 ? i + 250 : i + 750)))
  expect(heap.pop()).toBeUndefined()
})
