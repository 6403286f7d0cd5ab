import { expect, test } from 'vitest'
import type { Decision } from './decide.ts'
import { createDecisions } from './decisions.ts'

const decision = (nodes: number, node?: string): Decision => ({
  time: 0,
  node,
  verdicts: Array.from({ length: nodes }, (_, i) => ({ node: `n${i}`, rejections: [] })),
  message: '',
  rejectedBy: new Set(),
  evaluated: nodes,
})

test('the oldest decisions make room for new ones; the newest stays, however large', () => {
  const decisions = createDecisions(10)
  const kept = () => ['a', 'b', 'c'].filter(uid => decisions.get(uid))
  decisions.put('a', decision(4, 'n'))
  decisions.put('b', decision(3, 'n'))
  expect(kept()).toEqual(['a', 'b'])
  decisions.put('a', decision(2, 'n')) // now the younger one
  decisions.put('c', decision(5, 'n'))
  expect(kept()).toEqual(['a', 'c'])
  decisions.remove('a')
  decisions.put('b', decision(100, 'n'))
  expect(kept()).toEqual(['b'])
})

test('of a pod that still waits the nearest nodes are known, however many others wait', () => {
  const decisions = createDecisions(100)
  decisions.put('a', decision(80))
  decisions.put('b', decision(80))
  expect(decisions.get('a')?.verdicts.map(({ node }) => node)).toEqual(Array.from({ length: 20 }, (_, i) => `n${i}`))
  expect(decisions.get('a')?.evaluated).toBe(80)
  expect(decisions.get('b')?.verdicts).toHaveLength(80)
  decisions.remove('a')
  expect(decisions.get('a')).toBeUndefined()
})
