import type { HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { quantityMilli } from '../../../shared/machinery/quantity.ts'
import type { Scale } from '../scale.ts'
import type { Verdict } from './conditions.ts'
import type { MetricStatus, Proposal } from './proposal.ts'
import { propose, type Refusal } from './propose.ts'
import type { Tolerances } from './replica-calculator.ts'
import { selectedPods, type Selectors } from './selected-pods.ts'

/** What the metrics ask for; without `wanted` the verdict says why nobody knows. */
export interface Measured {
  wanted?: { replicas: number; metric: string }
  active: Verdict
  currentMetrics?: MetricStatus[]
}

/**
 * The most that any metric asks for (horizontal.go computeReplicasForMetrics). Metrics that fail are passed over while the
 * others ask for more, not when they ask for less.
 */
export async function measure(
  autoscaler: HorizontalPodAutoscaler,
  { scale, selectors }: { scale: Scale; selectors: Selectors },
  { client, recorder, clock, informers }: ControllerContext,
): Promise<Measured> {
  const warn = (reason: string, message: string) => recorder.event(autoscaler, 'Warning', reason, message)
  const inactive = (reason: string, message: string): Verdict => ({
    type: 'ScalingActive',
    status: 'False',
    reason,
    message,
  })
  const selector = scale.status?.selector ?? ''
  const selected = selectedPods(autoscaler, { selector, selectors, informers })
  if ('error' in selected) {
    warn(selected.event, selected.error)
    warn('FailedComputeMetricsReplicas', selected.error)
    return { active: inactive(selected.reason, selected.message) }
  }
  const situation = {
    client,
    namespace: autoscaler.metadata.namespace ?? '',
    selector,
    pods: selected.pods,
    specReplicas: scale.spec?.replicas ?? 0,
    statusReplicas: scale.status?.replicas ?? 0,
    tolerances: tolerancesOf(autoscaler),
    now: clock.now(),
  }
  const specs = autoscaler.spec.metrics ?? []
  const currentMetrics: MetricStatus[] = []
  const refusals: Refusal[] = []
  let most: Proposal | undefined
  for (const spec of specs) {
    const { proposal, refusal } = await propose(spec, situation)
    currentMetrics.push(proposal?.status ?? { type: '' }) // as upstream leaves what it could not fill in
    if (refusal) {
      warn(refusal.reason, refusal.message)
      refusals.push(refusal)
    } else if (!most || proposal.replicas > most.replicas) most = proposal
  }
  const [first] = refusals
  if (!most || (first && most.replicas < situation.specReplicas)) {
    const about = `invalid metrics (${refusals.length} invalid out of ${specs.length}), first error is: `
    warn('FailedComputeMetricsReplicas', `${about}${first?.full ?? ''}`)
    const message = `the HPA was unable to compute the replica count: ${first?.message ?? ''}`
    return { active: inactive(first?.reason ?? '', message), currentMetrics }
  }
  const message = `the HPA was able to successfully calculate a replica count from ${most.name}`
  return {
    wanted: { replicas: most.replicas, metric: most.name },
    active: { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message },
    currentMetrics,
  }
}

/** --horizontal-pod-autoscaler-tolerance. */
const defaultTolerance = '0.1'

function tolerancesOf({ spec }: HorizontalPodAutoscaler): Tolerances {
  const share = (tolerance = defaultTolerance) => quantityMilli(tolerance) / 1000
  return { up: share(spec.behavior?.scaleUp?.tolerance), down: share(spec.behavior?.scaleDown?.tolerance) }
}
