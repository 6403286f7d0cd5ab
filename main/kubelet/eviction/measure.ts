import type { Pod } from '../../../shared/api/core.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { isOver } from '../pod/pod-records.ts'
import type { PodState } from '../pod/pod-state.ts'
import type { Starved } from './signals.ts'
import { storageUsage } from './storage-usage.ts'

/** What a pod takes of what its node is short of; 0 of what was not measured. */
export interface PodUsage {
  pod: Pod
  state: PodState
  total: Record<Starved, number>
  /** Bytes, by container, as far as they are its containers'. */
  containers: Record<'memory' | 'ephemeral-storage', ReadonlyMap<string, number>>
}

type Measured = ReadonlyMap<string, number>

const none: Measured = new Map()
const sumOf = (values: Measured) => [...values.values()].reduce((sum, value) => sum + value, 0)

/** Whether a pod runs, or will. */
export const isActive = ({ pod, failure, gone }: PodState): boolean => !!pod && !failure && !gone && !isOver(pod)

/** The pods that run and are not about to end: those that count, and that may have to go. */
const runningPods = (states: Iterable<PodState>) =>
  [...states].flatMap(state => {
    const { pod, records } = state
    const runs = records.containers.some(each => each.state === 'running')
    return pod && runs && isActive(state) ? [{ state, pod }] : []
  })

/** Measures pods, but only what is asked for: the disk takes long. */
export async function measure(
  states: Iterable<PodState>,
  wanted: ReadonlySet<Starved>,
  parts: KubeletParts,
): Promise<PodUsage[]> {
  return Promise.all(
    runningPods(states).map(async ({ state, pod }) => {
      const [counted, stored] = await Promise.all([
        wanted.has('memory') || wanted.has('pids') ? counters(state, parts) : { memory: none, pids: none },
        wanted.has('ephemeral-storage') || wanted.has('inodes') ? storageUsage(state, parts) : undefined,
      ])
      const written = stored?.containers ?? none
      const total = {
        memory: sumOf(counted.memory),
        pids: sumOf(counted.pids),
        'ephemeral-storage': sumOf(stored?.volumes ?? none) + sumOf(written),
        inodes: stored?.inodes ?? 0,
      }
      return { pod, state, total, containers: { memory: counted.memory, 'ephemeral-storage': written } }
    }),
  )
}

async function counters({ records }: PodState, { runtime }: KubeletParts) {
  const alive = records.containers.filter(({ state }) => state === 'running')
  const used = await Promise.all(alive.map(async ({ id, name }) => ({ name, usage: await runtime.usage(id) })))
  return {
    memory: new Map(used.map(({ name, usage }) => [name, usage?.memory.workingSetBytes ?? 0])),
    pids: new Map(used.map(({ name, usage }) => [name, usage?.processes ?? 0])),
  }
}
