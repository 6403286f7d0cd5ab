import type { Node, Pod } from '../../../shared/api/core.ts'
import type { Refusal } from '../admission/admission.ts'
import { isCritical } from '../critical.ts'
import type { KubeletParts } from '../kubelet-parts.ts'
import type { PodFailure } from '../pod/pod-failure.ts'
import type { PodState } from '../pod/pod-state.ts'
import type { RuntimeInfo } from '../runtime.ts'
import { createEvaluation } from './evaluate.ts'
import { evictionMessage } from './eviction-message.ts'
import { isActive, measure, type PodUsage } from './measure.ts'
import { capacities, observe } from './observe.ts'
import { parseThresholds } from './parse-thresholds.ts'
import { rank } from './rank.ts'
import { pressureRefusal } from './refusal.ts'
import { isFarFrom, signals, type Observation, type Pressure, type Threshold } from './signals.ts'
import { tellPressure } from './tell-pressure.ts'

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
  /** Quantities of all that the node has. */
  capacity: () => Record<string, string>
  info: () => RuntimeInfo | undefined
  /** Of pods that this node has. */
  states: () => Iterable<PodState>
  evict: (uid: string, failure: PodFailure) => void
  /** The conditions of the node are others now. */
  changed: () => void
}

/** Upstream's monitoring interval, while a threshold is near or a pod is new, and what is enough while pods use less than half of what they may. */
const near = 10_000
const far = 60_000
/** How much longer than its grace period an evicted pod may take before another one has to go. */
const cleanupTimeout = 30_000

/** Looks at what the node's own pods use, as long as any runs, and at nothing that no threshold is about. */
export function createNodePressure({ parts, node, capacity, info, states, evict, changed }: Options): NodePressure {
  const { clock, log, recorder, settings } = parts
  const { evictionPressureTransitionPeriod: transitionPeriod, evictionMaxPodGracePeriod } = settings.configuration
  const thresholds = parseThresholds(settings.configuration)
  const evaluation = createEvaluation({ thresholds, transitionPeriod })
  let conditions: ReadonlySet<Pressure> = new Set()
  /** The pod that had to go last, and until when its end is waited for. */
  let victim: { state: PodState; until: number } | undefined
  let timer: Disposable | undefined
  let nextLook = Infinity
  let looking: Promise<unknown> = Promise.resolve()
  let stopped = false

  /** Milliseconds until the next look; undefined if there is nothing to look at. */
  async function look(): Promise<number | undefined> {
    // Its end may be enough.
    if (victim && !victim.state.cleaned && !victim.state.gone && clock.now() < victim.until) return near
    victim = undefined
    const wanted = new Set(thresholds.map(({ signal }) => signal))
    const known = new Map(
      [...capacities({ settings, capacity: capacity(), info: info() })].filter(([s]) => wanted.has(s)),
    )
    const usages = await measure(states(), new Set([...known.keys()].map(signal => signals[signal].resource)), parts)
    const observations = observe(known, usages)
    const { conditions: now, due } = evaluation.evaluate(observations, clock.now())
    const before = conditions
    conditions = now
    if (tellPressure(node(), { before, now }, recorder)) changed()
    const [worst] = due
    const observed = worst && observations.get(worst.signal)
    if (observed) await relieve(worst, observed, usages)
    if (conditions.size === 0 && ![...states()].some(isActive)) return undefined
    return conditions.size === 0 && thresholds.every(each => isFarFrom(each, observations)) ? far : near
  }

  /** One pod at a time has to go. Where images are collected they go first, though they are no part of what is measured. */
  async function relieve(threshold: Threshold, observed: Observation, usages: readonly PodUsage[]) {
    const { resource, condition } = signals[threshold.signal]
    const home = node()
    if (home) recorder.event(home, 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`)
    if (condition === 'DiskPressure') await parts.imageGarbage?.deleteUnused()
    const chosen = rank(usages, resource).find(({ pod }) => !isCritical(pod))
    if (!chosen) return
    const { pod, state } = chosen
    const own = pod.spec.terminationGracePeriodSeconds ?? evictionMaxPodGracePeriod
    const graceSeconds = threshold.gracePeriod === 0 ? 1 : Math.min(evictionMaxPodGracePeriod, own)
    victim = { state, until: clock.now() + graceSeconds * 1000 + cleanupTimeout }
    const reason = evictionMessage(chosen, threshold, observed)
    evict(pod.metadata.uid, { reason: 'Evicted', ...reason, graceSeconds, disruption: reason.message })
  }

  /** Looks after so many milliseconds, unless it does so sooner anyway; one look after the other. */
  function lookAfter(wait: number) {
    const at = clock.now() + wait
    if (stopped || at >= nextLook) return
    timer?.[Symbol.dispose]()
    nextLook = at
    timer = clock.setTimeout(() => {
      nextLook = Infinity
      looking = looking
        .then(look)
        .catch((error: unknown) => {
          log.debug('What pods use could not be measured', { error })
          return far
        })
        .then(next => {
          if (next !== undefined) lookAfter(next)
        })
        .catch((error: unknown) => log.error('Eviction failed', { error }))
    }, wait)
  }

  return {
    watch() {
      if (thresholds.length > 0) lookAfter(near)
    },
    conditions: () => conditions,
    refusal: pod => pressureRefusal(pod, conditions),
    [Symbol.dispose]() {
      stopped = true
      timer?.[Symbol.dispose]()
    },
  }
}
