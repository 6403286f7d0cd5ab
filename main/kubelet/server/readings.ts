import type { Pod } from '../../../shared/api/core.ts'
import { sleep } from '../../../shared/client/sleep.ts'
import type { Clock } from '../../../shared/machinery/clock.ts'
import { sandboxOf } from '../pod/pod-records.ts'
import type { PodState } from '../pod/pod-state.ts'
import type { ContainerRecord, ContainerUsage, Runtime } from '../runtime.ts'

/** A container's counters, and the cores that it has used between this reading and the one before. */
export interface ContainerReading {
  record: ContainerRecord
  usage: ContainerUsage
  nanoCores: number
}

export interface PodReading {
  pod: Pod
  containers: ContainerReading[]
  network?: ContainerUsage['network']
}

/** Reads what pods use when somebody asks; nothing is measured in between. */
export interface Readings {
  read(): Promise<PodReading[]>
}

interface Options {
  runtime: Runtime
  states: () => Iterable<PodState>
  clock: Clock
  signal: AbortSignal
}

/** Two readings that are nearer than this tell too little of a rate, and one that is older than that of another time. */
const shortest = 1_000
const longest = 90_000

export function createReadings({ runtime, states, clock, signal }: Options): Readings {
  const before = new Map<string, ContainerUsage>()
  let reading: Promise<PodReading[]> | undefined
  let last: { at: number; pods: PodReading[] } | undefined

  async function measure(): Promise<PodReading[]> {
    const running = [...states()].flatMap(state => (state.pod ? [{ state, pod: state.pod }] : []))
    const ids = running.flatMap(({ state }) => runningOf(state).map(({ id }) => id))
    for (const id of before.keys()) if (!ids.includes(id)) before.delete(id)
    if (ids.some(id => clock.now() - (before.get(id)?.at ?? 0) > longest)) {
      await Promise.all(ids.map(remember))
      await sleep(clock, shortest, signal)
    }
    return Promise.all(running.map(({ state, pod }) => read(state, pod)))
  }
  async function remember(id: string) {
    const usage = await runtime.usage(id)
    if (usage) before.set(id, usage)
  }
  async function read(state: PodState, pod: Pod): Promise<PodReading> {
    const { sandbox } = sandboxOf(state.records)
    const containers = await Promise.all(
      runningOf(state).map(async (record): Promise<ContainerReading[]> => {
        const usage = await runtime.usage(record.id)
        const earlier = before.get(record.id)
        if (!usage) return []
        before.set(record.id, usage)
        const passed = usage.at - (earlier?.at ?? usage.at)
        const used = usage.cpuNanos - (earlier?.cpuNanos ?? 0)
        return [{ record, usage, nanoCores: passed > 0 ? Math.max(0, Math.round((used * 1000) / passed)) : 0 }]
      }),
    )
    const network = sandbox && !pod.spec.hostNetwork ? (await runtime.usage(sandbox.id))?.network : undefined
    return { pod, containers: containers.flat(), ...(network && { network }) }
  }

  return {
    read() {
      if (last && clock.now() - last.at < shortest) return Promise.resolve(last.pods)
      reading ??= measure()
        .then(pods => {
          last = { at: clock.now(), pods }
          return pods
        })
        .finally(() => {
          reading = undefined
        })
      return reading
    },
  }
}

const runningOf = ({ records }: PodState) => records.containers.filter(({ state }) => state === 'running')
