import { expect, it } from 'vitest'
import type { RuntimeEvent } from '../kubelet/runtime.ts'
import { createSimulatedRuntime } from '../kubelet/simulated/simulated-runtime.ts'
import { createFakeClock } from '../../test/helpers/fake-clock.ts'
import { awaitAgent } from './agent-readiness.ts'

const limits = async () => ({ storage: 2 ** 30, inodes: 1000, processes: 100 })

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
  const found = Promise.withResolvers<string>()
  let answer = () => found.promise
  using readiness = awaitAgent({ runtime: engine, agent: { address: () => answer(), limits }, clock })
  const first = readiness.runtime.info()
  await clock.advance(0)
  found.resolve('172.18.0.2')
  await expect(first, 'an agent that is there takes nothing from the node').resolves.toBeDefined()
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

it.each(['says what it does', 'takes long'])('a node whose agent %s tells that it waits for it', async how => {
  const clock = createFakeClock()
  await using engine = createSimulatedRuntime({ clock, podCIDR: '10.244.1.0/24' })
  const never = new Promise<string>(() => undefined)
  using readiness = awaitAgent({ runtime: engine, agent: { address: () => never, limits }, clock })
  const first = readiness.runtime.info()
  if (how === 'takes long') void clock.advance(2_000)
  else readiness.progress('building its image')
  await expect(first).rejects.toThrow(how === 'takes long' ? 'the node agent is starting' : 'building its image')
})
