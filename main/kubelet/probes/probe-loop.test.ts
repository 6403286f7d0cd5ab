import { expect, it } from 'vitest'
import type { Probe } from '../../../shared/api/core.ts'
import { createFakeClock } from '../../../test/helpers/fake-clock.ts'
import { createProbeLoop } from './probe-loop.ts'
import type { ProbeResult } from './probe-result.ts'

/** Runs a probe whose answers are given in order; returns what was asked when, and how the result changed. */
function start(
  probe: Probe,
  answers: ProbeResult['outcome'][],
  { initial = 'failure', liveness = false }: { initial?: 'success' | 'failure'; liveness?: boolean } = {},
) {
  const clock = createFakeClock()
  const begun = clock.now()
  const asked: number[] = []
  const changes: string[] = []
  const loop = createProbeLoop({
    probe,
    startedAt: begun,
    clock,
    initial,
    endsOnFailure: liveness,
    endsOnSuccess: false,
    async run(signal) {
      asked.push((clock.now() - begun) / 1000)
      const outcome = answers.shift()
      if (outcome) return { outcome, output: '' }
      // Out of answers: one that never comes, so that the timeout decides.
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      return { outcome: 'failure', output: 'timed out' }
    },
    onResult() {},
    onChange: () => changes.push(`${(clock.now() - begun) / 1000} ${loop.result}`),
  })
  return { clock, loop, asked, changes }
}

it('waits for the initial delay, then asks each period', async () => {
  const { clock, loop, asked, changes } = start({ initialDelaySeconds: 5, periodSeconds: 3 }, [
    'success',
    'success',
    'success',
  ])
  await clock.advance(11_000)
  expect(asked).toEqual([5, 8, 11])
  expect(changes).toEqual(['5 success'])
  loop[Symbol.dispose]()
  await clock.advance(60_000)
  expect(asked).toHaveLength(3)
  expect(clock.pending).toBe(0)
})

it('counts answers in a row against the thresholds; one that could not be had in three tries counts neither way', async () => {
  const { clock, loop, changes } = start({ periodSeconds: 1, successThreshold: 2, failureThreshold: 2 }, [
    'success',
    'failure',
    'success',
    ...(['unknown', 'unknown', 'unknown'] as const),
    'warning',
    'failure',
    'success',
    'failure',
    'failure',
  ])
  await clock.advance(8000)
  expect(changes).toEqual(['4 success', '8 failure'])
  loop[Symbol.dispose]()
})

it('leaves a container alone once it is to be killed', async () => {
  const { clock, loop, asked } = start({ periodSeconds: 1 }, ['failure', 'failure', 'failure', 'success'], {
    initial: 'success',
    liveness: true,
  })
  await clock.advance(10_000)
  expect(asked).toEqual([0, 1, 2])
  expect(loop.failed).toBe(true)
  expect(clock.pending).toBe(0)
})

it('takes no answer in time for a failure', async () => {
  const { clock, loop, changes } = start({ periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 1 }, ['success'])
  await clock.advance(12_000)
  expect(changes).toEqual(['0 success', '12 failure'])
  loop[Symbol.dispose]()
})
