import type { Pod } from '../../../shared/api/core.ts'
import { conditionOf, isReady } from '../pod-state.ts'

/** What was measured of a pod, in thousandths, over a window that ended at `at` (both ms). */
export interface Sample {
  value: number
  at: number
  window: number
}

/** Samples by the names of pods. */
export type Samples = ReadonlyMap<string, Sample>

/** How far from its target usage may be, as shares of it, before anything is scaled. */
export interface Tolerances {
  up: number
  down: number
}

/** How long a young pod's CPU is only believed once it is ready, and how late a pod may first say that it is not. */
interface Delays {
  initialization: number
  readiness: number
}

const isWithin = ({ up, down }: Tolerances, ratio: number) => 1 - down <= ratio && ratio <= 1 + up

/** Numbers of replicas are 32 bits wide. */
const mostReplicas = 2 ** 31 - 1
const wholePods = (replicas: number) => Math.min(Math.ceil(replicas), mostReplicas)

const noPods = 'no pods returned by selector while calculating replica count'

interface PerPod {
  pods: readonly Pod[]
  samples: Samples
  replicas: number
  tolerances: Tolerances
  /** Given for CPU, which is not believed of pods that are just starting. */
  delays: Delays | undefined
  now: number
  /** How many times the target is used. */
  ratioOf: (samples: Samples) => number
  /** What a pod without a sample is taken to use when usage is low, in thousandths. */
  assumed: (pod: string) => number
}

/**
 * How many replicas bring average usage to its target, and the samples that count (podautoscaler/replica_calculator.go).
 * Pods that are not ready, or of which nothing is known, dampen the change and never turn it round.
 */
export function replicasFor(given: PerPod): { replicas: number; counted: Samples } {
  const { replicas, tolerances, ratioOf } = given
  const { ready, unready, missing, counted } = group(given)
  if (counted.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  const ratio = ratioOf(counted)
  const dampens = unready.length > 0 && ratio > 1
  if (!dampens && missing.length === 0) {
    return { replicas: isWithin(tolerances, ratio) ? replicas : Math.ceil(ratio * ready), counted }
  }
  const estimated = new Map(counted)
  const estimate = (pod: string, value: number) => estimated.set(pod, { value, at: 0, window: 0 })
  for (const pod of ratio === 1 ? [] : missing) estimate(pod, ratio < 1 ? given.assumed(pod) : 0)
  for (const pod of dampens ? unready : []) estimate(pod, 0)
  const corrected = ratioOf(estimated)
  const wanted = Math.ceil(corrected * estimated.size)
  const turnsRound = (ratio < 1 && corrected > 1) || (ratio > 1 && corrected < 1)
  const overshoots = corrected < 1 ? wanted > replicas : wanted < replicas
  return { replicas: isWithin(tolerances, corrected) || turnsRound || overshoots ? replicas : wanted, counted }
}

function group({ pods, samples, delays, now }: PerPod) {
  if (pods.length === 0) throw new Error(noPods)
  const counted = new Map(samples)
  const unready: string[] = []
  const missing: string[] = []
  let ready = 0
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const sample = samples.get(name)
    const phase = pod.status?.phase
    if (deletionTimestamp || phase === 'Failed') counted.delete(name)
    else if (phase === 'Pending' || (sample && delays && isStarting(pod, sample, { ...delays, now }))) {
      unready.push(name)
      counted.delete(name)
    } else if (!sample) missing.push(name)
    else ready++
  }
  return { ready, unready, missing, counted }
}

function isStarting({ status }: Pod, { at, window }: Sample, given: Delays & { now: number }): boolean {
  const condition = conditionOf(status?.conditions, 'Ready')
  if (!condition || !status?.startTime) return true
  const started = Date.parse(status.startTime)
  const changed = Date.parse(condition.lastTransitionTime ?? '') || 0
  const isUnready = condition.status === 'False'
  return started + given.initialization > given.now
    ? isUnready || at < changed + window
    : isUnready && started + given.readiness > changed
}

interface Shared {
  /** What all pods have in common, and what of it is the target's, both in thousandths. */
  value: number
  target: number
  replicas: number
  tolerances: Tolerances
}

/** How many replicas bring a common value to its target: in proportion to those that are ready. */
export function replicasForValue({ value, target, replicas, tolerances, pods }: Shared & { pods: readonly Pod[] }) {
  const ratio = value / target
  if (replicas === 0) return Math.ceil(ratio)
  if (isWithin(tolerances, ratio)) return replicas
  if (pods.length === 0) throw new Error(`unable to calculate ready pods: ${noPods}`)
  return wholePods(ratio * pods.filter(pod => pod.status?.phase === 'Running' && isReady(pod)).length)
}

/** How many replicas bring each pod's part of a common value to its target, and that part of `replicas` pods. */
export function replicasForShare({ value, target, replicas, tolerances }: Shared): { replicas: number; share: number } {
  const isFine = isWithin(tolerances, value / (target * replicas))
  const share = replicas === 0 ? value : Math.ceil(value / replicas)
  return { replicas: isFine ? replicas : wholePods(value / target), share }
}
