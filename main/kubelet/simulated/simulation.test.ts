import { expect, it } from 'vitest'
import type { Pod } from '../../../shared/api/core.ts'
import { ending, simulationOf, undisturbed } from './simulation.ts'

const pod = (uid: string): Pod => ({
  metadata: { name: 'p', uid },
  spec: {
    initContainers: [
      { name: 'init', image: 'i' },
      { name: 'sidecar', image: 'i', restartPolicy: 'Always' },
    ],
    containers: [{ name: 'app', image: 'i' }],
  },
})
const end = (name: string, simulation = undisturbed) => ending(pod('u'), { name, attempt: 0 }, simulation)

it('takes from a pod what its annotations say, and the rest from its node', () => {
  const node = simulationOf({ 'podbay.io/start-time': '200ms', 'podbay.io/failure-rate': '0.5' }, undisturbed)
  expect(node).toEqual({ startTime: 200, runTime: Infinity, failureRate: 0.5 })
  expect(simulationOf({ 'podbay.io/run-time': '1m', 'podbay.io/failure-rate': '0' }, node)).toEqual({
    startTime: 200,
    runTime: 60_000,
    failureRate: 0,
  })
})

it.each([
  ['podbay.io/start-time', 'soon', 'annotation podbay.io/start-time: time: invalid duration "soon"'],
  ['podbay.io/run-time', '-1s', 'annotation podbay.io/run-time: "-1s" must not be negative'],
  ['podbay.io/failure-rate', '2', 'annotation podbay.io/failure-rate: "2" must be a number from 0 to 1'],
])('names %s=%s as wrong', (name, value, message) => {
  expect(() => simulationOf({ [name]: value }, undisturbed)).toThrow(message)
})

it('ends init containers at once, and others after their run time if they have one', () => {
  expect(end('init')).toEqual({ after: 0, exitCode: 0 })
  expect(end('sidecar')).toBeUndefined()
  expect(end('app')).toBeUndefined()
  expect(end('app', { ...undisturbed, runTime: 5000 })).toEqual({ after: 5000, exitCode: 0 })
  expect(end('app', { ...undisturbed, failureRate: 1 })).toEqual({ after: 0, exitCode: 1 })
})

it('lets the share of containers fail that was asked for, the same ones each time', () => {
  const simulation = { ...undisturbed, failureRate: 0.05 }
  const failing = () =>
    Array.from({ length: 2000 }, (_, at) => `7c1f1c1e-0000-4000-8000-${String(at).padStart(12, '0')}`).filter(uid =>
      ending(pod(uid), { name: 'app', attempt: 0 }, simulation),
    )
  expect(failing().length).toBeGreaterThan(60)
  expect(failing().length).toBeLessThan(140)
  expect(failing()).toEqual(failing())
})
