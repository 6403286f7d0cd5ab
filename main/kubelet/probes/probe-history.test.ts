import { expect, it } from 'vitest'
import type { ProbeAnswer } from '../../../shared/machinery/probe-results.ts'
import { createProbeHistory } from './probe-history.ts'

const answer = (output: string): ProbeAnswer => ({
  time: '2026-11-20T14:06:32.000Z',
  milliseconds: 3,
  outcome: 'failure',
  output,
})
const web = { container: 'web', probe: 'liveness' } as const

it('keeps the last answers of each probe, newest first, until the pod is forgotten', () => {
  const history = createProbeHistory()
  for (let i = 1; i <= 12; i++) history.add('a', web, answer(`${i}`))
  history.add('a', { ...web, probe: 'readiness' }, answer('no'))
  history.add('b', web, answer('other'))

  expect(history.of('a').map(({ probe, answers }) => [probe, answers.map(({ output }) => output)])).toEqual([
    ['liveness', ['12', '11', '10', '9', '8', '7', '6', '5', '4', '3']],
    ['readiness', ['no']],
  ])
  history.forget('a')
  expect(history.of('a')).toEqual([])
  expect(history.of('b')).toHaveLength(1)
})

it('keeps no more of an output than an Event would', () => {
  const history = createProbeHistory()
  history.add('a', web, answer('x'.repeat(10_000)))
  expect(history.of('a')[0]?.answers[0]?.output).toHaveLength(1024)
})
