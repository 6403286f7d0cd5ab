import type { Node, Pod } from '../../../shared/api/core.ts'
import { tolerates } from '../../../shared/machinery/tolerations.ts'
import type { Refusal } from '../admission/admission.ts'
import { isCritical } from '../critical.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import { isOver } from '../pod-records.ts'
import type { PodFailure } from '../pod-failure.ts'
import type { PodState } from '../pod-state.ts'
import { podQos } from '../qos.ts'
import { valueOf } from '../quantities.ts'
import { evictionMessage, rank, type PodUsage } from './rank.ts'
import { storageUsage } from './storage-usage.ts'
import { crossed, signals, type Observation, type Pressure, type Signal } from './thresholds.ts'

/** Keeps a node from running out of what it was declared to have (pkg/kubelet/eviction/eviction_manager.go). */
export interface NodePressure extends Disposable {
  /** A pod was taken up: there may be something to measure. */
  watch(): void
  readonly conditions: () => ReadonlySet<Pressure>
  /** Why a node under pressure does not take this pod. */
  refusal(pod: Pod): Refusal | undefined
}

interface Options {
  parts: KubeletParts
  node: () => Node | undefined
  /** Of pods that this node has. */
  states: () => Iterable<PodState>
  evict: (uid: string, failure: PodFailure) => void
  /** The conditions of the node are others now. */
  changed: () => void
}

/** Upstream's monitoring interval, while a threshold is near, and what is enough while more than half is free. */
const near = 10_000
const far = 60_000

const told: Record<Pressure, [started: string, ended: string]> = {
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
}

/**
 * What counts is what the node's own pods use of its declared capacity: the engine's host is its user's, who has other
 * things on it. So memory is measured only while pods run, and disk only on nodes that were declared one.
 */
export function createNodePressure({ parts, node, states, evict, changed }: Options): NodePressure {
  const { clock, log, recorder, settings, nodeName } = parts
  const { evictionHard, evictionPressureTransitionPeriod } = settings.configuration
  const lastSeen = new Map<Pressure, number>()
  let conditions: ReadonlySet<Pressure> = new Set()
  let timer: Disposable | undefined
  let stopped = false

  const running = () =>
    [...states()].flatMap(state => {
      const { pod, records, failure, gone } = state
      const runs = records.containers.some(each => each.state === 'running')
      return pod && runs && !failure && !gone && !isOver(pod) ? [{ state, pod }] : []
    })

  async function usageOf(signal: Signal): Promise<PodUsage[]> {
    return Promise.all(
      running().map(async ({ state, pod }) => {
        if (signal === 'nodefs.available') {
          const { volumes, containers } = await storageUsage(state, parts)
          return { pod, containers, total: sumOf(volumes) + sumOf(containers) }
        }
        const containers = await memoryUsage(state, parts)
        return { pod, containers, total: sumOf(containers) }
      }),
    )
  }

  /** Milliseconds until the next look; undefined if there is nothing to look at. */
  async function look(): Promise<number | undefined> {
    const usages = new Map<Signal, PodUsage[]>()
    const observations = new Map<Signal, Observation>()
    const { quantities, memory } = parts.allocatable()
    const capacities: [Signal, number][] = [
      ['memory.available', memory],
      ['nodefs.available', 'ephemeral-storage' in settings.capacity ? valueOf(quantities['ephemeral-storage']) : 0],
    ]
    for (const [signal, capacity] of capacities) {
      if (capacity === 0) continue
      const measured = await usageOf(signal)
      usages.set(signal, measured)
      const used = measured.reduce((sum, { total }) => sum + total, 0)
      observations.set(signal, { capacity, available: Math.max(0, capacity - used) })
    }
    const met = crossed(evictionHard, observations)
    observe(met.map(({ signal }) => signals[signal].condition))
    const [worst] = met
    if (worst) {
      const { resource } = signals[worst.signal]
      const home = node()
      if (home) recorder.event(home, 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`)
      // One at a time: its end may be enough.
      const victim = rank(usages.get(worst.signal) ?? [], resource).find(({ pod }) => !isCritical(pod))
      if (victim) {
        const message = evictionMessage(victim, worst)
        evict(victim.pod.metadata.uid, { reason: 'Evicted', message, graceSeconds: 1, disrupted: true })
      }
    }
    if (running().length === 0 && conditions.size === 0) return undefined
    return [...observations.values()].every(({ available, capacity }) => available > capacity / 2) && !worst
      ? far
      : near
  }

  function observe(seen: readonly Pressure[]) {
    const now = clock.now()
    for (const condition of seen) lastSeen.set(condition, now)
    const next = new Set(
      [...lastSeen].filter(([, at]) => now - at < evictionPressureTransitionPeriod).map(([condition]) => condition),
    )
    const before = conditions
    conditions = next
    const differing = (Object.keys(told) as Pressure[]).filter(each => before.has(each) !== next.has(each))
    const home = node()
    for (const condition of home ? differing : []) {
      const reason = told[condition][next.has(condition) ? 0 : 1]
      if (home) recorder.event(home, 'Normal', reason, `Node ${nodeName} status is now: ${reason}`)
    }
    if (differing.length > 0) changed()
  }

  function watch() {
    if (stopped) return
    timer ??= clock.setTimeout(() => {
      look()
        .catch((error: unknown) => {
          log.debug('What pods use could not be measured', { error })
          return far
        })
        .then(wait => {
          timer = undefined
          if (wait !== undefined) again(wait)
        })
        .catch((error: unknown) => log.error('Eviction failed', { error }))
    }, near)
  }
  function again(wait: number) {
    if (stopped) return
    timer = clock.setTimeout(() => {
      timer = undefined
      watch()
    }, wait - near)
  }

  return {
    watch,
    conditions: () => conditions,
    refusal(pod) {
      if (conditions.size === 0 || isCritical(pod)) return undefined
      const onlyMemory = conditions.size === 1 && conditions.has('MemoryPressure')
      const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }
      const endures = podQos(pod) !== 'BestEffort' || pod.spec.tolerations?.some(each => tolerates(each, taint))
      if (onlyMemory && endures) return undefined
      return { reason: 'Evicted', message: `The node had condition: [${[...conditions].join(' ')}]. ` }
    },
    [Symbol.dispose]() {
      stopped = true
      timer?.[Symbol.dispose]()
    },
  }
}

const sumOf = (values: ReadonlyMap<string, number>) => [...values.values()].reduce((sum, value) => sum + value, 0)

async function memoryUsage({ records }: PodState, { runtime }: KubeletParts): Promise<ReadonlyMap<string, number>> {
  const alive = records.containers.filter(({ state }) => state === 'running')
  const used = await Promise.all(
    alive.map(async ({ id, name }) => [name, (await runtime.usage(id))?.memory.workingSetBytes ?? 0] as const),
  )
  return new Map(used)
}
