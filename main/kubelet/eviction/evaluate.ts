import { isMet, signals, type Observations, type Pressure, type Threshold } from './signals.ts'

export interface Verdict {
  /** What the node is said to be short of. */
  conditions: ReadonlySet<Pressure>
  /** Thresholds for which pods are to go now, the most urgent first. */
  due: Threshold[]
}

interface Options {
  thresholds: readonly Threshold[]
  /** Milliseconds for which a condition stays after it was last seen. */
  transitionPeriod: number
}

/**
 * Decides what observations mean, given those before them (pkg/kubelet/eviction/eviction_manager.go, synchronize): soft
 * thresholds have to be met for a while, one for which a pod had to go stays met until its minimum is reclaimed, and
 * conditions stay for a while so that they don't flap.
 */
export function createEvaluation({ thresholds, transitionPeriod }: Options) {
  let metSince = new Map<Threshold, number>()
  let unresolved: Threshold[] = []
  const lastSeen = new Map<Pressure, number>()

  return {
    evaluate(observations: Observations, now: number): Verdict {
      const met = thresholds.filter(each => isMet(each, observations, unresolved.includes(each)))
      metSince = new Map(met.map(each => [each, metSince.get(each) ?? now]))
      for (const { signal } of met) lastSeen.set(signals[signal].condition, now)
      const recent = [...lastSeen].filter(([, at]) => now - at < transitionPeriod)
      unresolved = met.filter(each => now - (metSince.get(each) ?? now) >= each.gracePeriod)
      return { conditions: new Set(recent.map(([condition]) => condition)), due: unresolved }
    },
  }
}
