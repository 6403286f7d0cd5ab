import { expect, it } from 'vitest'
import type { KubeletParts } from '../kubelet-parts.ts'
import { inspect, markStale, newPodState, refresh } from './pod-state.ts'
import type { ContainerRecord } from '../runtime.ts'

const identity = { uid: 'u', name: 'p', namespace: 'default' }

/** Parts whose runtime answers so. */
const asking = (inspectContainer: (id: string) => Promise<ContainerRecord>) =>
  ({ runtime: { inspectContainer, list: () => Promise.reject(new Error('out of reach')) } }) as unknown as KubeletParts

it('looks again at a container that ended while it was looked at', async () => {
  const state = newPodState(identity, false)
  let life: ContainerRecord['state'] = 'running'
  const parts = asking(id => {
    const record = { id, name: 'c', state: life } as ContainerRecord
    if (life === 'running') state.stale.add(id) // the event of its end overtakes the answer
    life = 'exited'
    return Promise.resolve(record)
  })
  state.stale.add('1')
  await refresh(state, parts)
  expect([...state.stale]).toEqual(['1'])
  await refresh(state, parts)
  expect([...state.stale]).toEqual([])
  expect(state.records.containers.map(record => record.state)).toEqual(['exited'])
})

it('looks once at a container that starts, whenever the event comes', async () => {
  const state = newPodState(identity, false)
  const started = { type: 'started' as const, containerId: '1', podUid: 'u' }
  markStale(state, started)
  const parts = asking(id => Promise.resolve({ id, name: 'c', state: 'running' } as ContainerRecord))
  await inspect(state, '1', parts)
  markStale(state, started)
  expect([...state.stale]).toEqual([])
  markStale(state, { ...started, type: 'died' })
  expect([...state.stale]).toEqual(['1'])
})

it('keeps in mind what it could not look at', async () => {
  const state = newPodState(identity, false)
  state.stale.add('1')
  const parts = asking(() => Promise.reject(new Error('out of reach')))
  await expect(refresh(state, parts)).rejects.toThrow('out of reach')
  expect([...state.stale]).toEqual(['1'])
})
