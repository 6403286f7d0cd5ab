import { abortable } from '../../shared/contract/abortable.ts'
import type { HostStatus } from '../../shared/contract/host.ts'
import type { Clock } from '../../shared/machinery/clock.ts'

/** What the cluster says of itself; the process is measured here. */
export type ClusterStatus = Omit<HostStatus, 'process'>

export interface StatusSource {
  current(): ClusterStatus
  /** Calls `listener` after each change. */
  subscribe(listener: () => void): Disposable
}

/** The engine process as `node:process` measures it; tests pass their own. */
export interface ProcessMeter {
  pid: number
  /** Microseconds of CPU so far. */
  cpuUsage(): { user: number; system: number }
  /** Bytes resident. */
  memory(): number
}

const thisProcess: ProcessMeter = {
  pid: process.pid,
  cpuUsage: () => process.cpuUsage(),
  memory: () => process.memoryUsage.rss(),
}

/** How often memory and CPU are looked at while somebody watches; nobody does it otherwise. */
const sampleEvery = 10_000

export interface StatusFeed {
  current(): HostStatus
  /** The status now, at each change, and every ten seconds; a slow reader gets the newest only. */
  watch(): AsyncIterable<HostStatus>
}

export function createStatusFeed(options: { source: StatusSource; clock: Clock; meter?: ProcessMeter }): StatusFeed {
  const { source, clock, meter = thisProcess } = options
  const startedAt = clock.now()
  let sample = { at: startedAt, micros: 0 }
  let cpu = 0
  const watchers = new Set<() => void>()
  let ticking: Disposable | undefined

  function measure(): HostStatus['process'] {
    const { user, system } = meter.cpuUsage()
    const now = clock.now()
    // Over less than a second the number would be noise.
    if (now - sample.at >= 1000) {
      cpu = (user + system - sample.micros) / 1000 / (now - sample.at)
      sample = { at: now, micros: user + system }
    }
    return { pid: meter.pid, memory: meter.memory(), cpu, startedAt }
  }

  function tick(): void {
    ticking = clock.setTimeout(() => {
      for (const wake of watchers) wake()
      tick()
    }, sampleEvery)
  }

  function add(wake: () => void): Disposable {
    watchers.add(wake)
    const changes = source.subscribe(wake)
    if (!ticking) tick()
    return {
      [Symbol.dispose]() {
        changes[Symbol.dispose]()
        watchers.delete(wake)
        if (watchers.size > 0) return
        ticking?.[Symbol.dispose]()
        ticking = undefined
      },
    }
  }

  async function* follow(aborted: AbortSignal): AsyncGenerator<HostStatus> {
    let stale = true
    let changed = Promise.withResolvers<true>()
    const wake = () => {
      stale = true
      changed.resolve(true)
    }
    aborted.addEventListener('abort', wake, { once: true })
    using _ = add(wake)
    for (;;) {
      if (!stale) await changed.promise
      if (aborted.aborted) return
      stale = false
      changed = Promise.withResolvers()
      yield { ...source.current(), process: measure() }
    }
  }

  return { current: () => ({ ...source.current(), process: measure() }), watch: () => abortable(follow) }
}
