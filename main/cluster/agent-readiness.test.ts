import { expect, it } from 'vitest'
import type { RuntimeEvent } from '../kubelet/runtime.ts'
import { createSimulatedRuntime } from '../kubelet/simulated/simulated-runtime.ts'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { awaitAgent } from './agent-readiness.ts'

it('a node has the address of the agent that runs now, and says what a new one waits for', async () => {
  const clock = createFakeClock()
  const listeners = new Set<(event: RuntimeEvent) => void>()
  await using simulated = createSimulatedRuntime({ clock, podCIDR: '10.244.1.0/24' })
  const engine = {
    ...simulated,
    subscribe(listener: (event: RuntimeEvent) => void) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
  const back = () => listeners.forEach(listener => listener({ type: 'resync' }))
  let answer: () => Promise<string> = async () => '172.18.0.2'
  using readiness = awaitAgent({ runtime: engine, agent: { address: () => answer() }, clock })
  await clock.advance(0)
  expect(readiness.address()).toBe('172.18.0.2')

  const told: RuntimeEvent['type'][] = []
  using _ = readiness.runtime.subscribe(({ type }) => told.push(type))
  answer = () => Promise.reject(new Error('building its image'))
  back()
  await clock.advance(0)
  await expect(readiness.runtime.info()).rejects.toThrow('building its image')
  expect(told).toEqual(['resync', 'unreachable'])

  answer = async () => '172.18.0.7'
  await clock.advance(5_000)
  expect(readiness.address()).toBe('172.18.0.7')
  await readiness.runtime.info()
  expect(told).toEqual(['resync', 'unreachable', 'resync'])
})
