import { expect, test } from 'vitest'
import type { Decision } from './decide.ts'
import { createDecisions } from './decisions.ts'

const decision = (nodes: number): Decision => ({
  time: 0,
  node: undefined,
  verdicts: Array.from({ length: nodes }, (_, i) => ({ node: `n${i}`, rejections: [] })),
  message: '',
  rejectedBy: new Set(),
  evaluated: nodes,
})

test('the oldest decisions make room for new ones; the newest stays, however large', () => {
  const decisions = createDecisions(10)
  const kept = () => ['a', 'b', 'c'].filter(uid => decisions.get(uid))
  decisions.put('a', decision(4))
  decisions.put('b', decision(3))
  expect(kept()).toEqual(['a', 'b'])
  decisions.put('a', decision(2)) // now the younger one
  decisions.put('c', decision(5))
  expect(kept()).toEqual(['a', 'c'])
  decisions.remove('a')
  decisions.put('b', decision(100))
  expect(kept()).toEqual(['b'])
})
