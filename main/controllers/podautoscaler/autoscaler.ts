import { horizontalPodAutoscalers, type HorizontalPodAutoscaler } from '../../../shared/api/autoscaling.ts'
import { pods } from '../../../shared/api/core.ts'
import type { Controller, ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf, keyText } from '../../../shared/client/key.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { jsonEqual } from '../../../shared/machinery/json-value.ts'
import { isConflict, isNotFound } from '../../../shared/machinery/status.ts'
import { toError } from '../to-error.ts'
import { withCondition, type AutoscalerStatus, type Verdict } from './conditions.ts'
import { limit } from './limit.ts'
import { measure } from './measure.ts'
import { noteChange, type Past } from './past.ts'
import type { Selectors } from './selected-pods.ts'
import { stabilize } from './stabilize.ts'
import { resize, targetOf, type ScaleTarget } from './target.ts'

/** How often metrics are looked at (--horizontal-pod-autoscaler-sync-period). */
const period = 15_000

/**
 * Scales what has a `scale` subresource to what its metrics ask for (pkg/controller/podautoscaler). What was recommended
 * and done lately is remembered; a restart forgets it, as upstream's does. Without autoscalers nothing ticks.
 */
export function autoscalerController(): Controller {
  const pasts = new Map<string, Past>()
  const selectors: Selectors = new Map()
  return {
    name: 'horizontal-pod-autoscaler',
    watches: [
      {
        ref: horizontalPodAutoscalers,
        // Its own status is no news: it would look at the metrics again at once.
        keys: ({ now, before }: { now?: HorizontalPodAutoscaler; before?: HorizontalPodAutoscaler }) => {
          const object = now && before && jsonEqual(now.spec, before.spec) ? undefined : (now ?? before)
          return object ? [keyOf(object)] : []
        },
      },
      { ref: pods, keys: () => [] },
    ],

    async reconcile(key, context) {
      const autoscaler = context.informers.informer(horizontalPodAutoscalers).get(key)
      if (!autoscaler) {
        pasts.delete(keyText(key))
        selectors.delete(keyText(key))
        return undefined
      }
      const past = pasts.get(keyText(key)) ?? { recommendations: [], up: [], down: [] }
      pasts.set(keyText(key), past)
      const status = await autoscale(autoscaler, { past, selectors }, context)
      if (!jsonEqual(status, autoscaler.status)) await write(autoscaler, status, context)
      return { requeueAfter: period }
    },
  }
}

async function write(autoscaler: HorizontalPodAutoscaler, status: AutoscalerStatus, context: ControllerContext) {
  const { client, informers, recorder, signal } = context
  try {
    const written = await client.update(horizontalPodAutoscalers, { ...autoscaler, status }, 'status')
    await informers.informer(horizontalPodAutoscalers).reached(written.metadata.resourceVersion, signal)
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error) && !signal.aborted) {
      recorder.event(autoscaler, 'Warning', 'FailedUpdateStatus', toError(error).message)
    }
    throw error
  }
}

/** Resizes the target if that is due, and says in the status that it returns why or why not. */
async function autoscale(
  autoscaler: HorizontalPodAutoscaler,
  { past, selectors }: { past: Past; selectors: Selectors },
  context: ControllerContext,
): Promise<AutoscalerStatus> {
  const { client, recorder, clock } = context
  const now = clock.now()
  const before = autoscaler.status ?? { desiredReplicas: 0 }
  const able = (status: Verdict['status'], reason: string, message: string): Verdict => ({
    type: 'AbleToScale',
    status,
    reason,
    message,
  })
  let target: ScaleTarget
  try {
    target = await targetOf(client, autoscaler)
  } catch (error) {
    const { message } = toError(error)
    recorder.event(autoscaler, 'Warning', 'FailedGetScale', message)
    const text = `the HPA controller was unable to get the target's current scale: ${message}`
    return withCondition(before, able('False', 'FailedGetScale', text), now)
  }
  const current = target.scale.spec?.replicas ?? 0
  if (past.recommendations.length === 0) past.recommendations.push({ replicas: current, at: now })
  const message = "the HPA controller was able to get the target's current scale"
  const { currentMetrics: _, ...known } = withCondition(before, able('True', 'SucceededGetScale', message), now)
  const decision = await decide({ ...autoscaler, status: known }, { target, past, selectors }, context)
  const { replicas, reason } = decision
  const status = { ...decision.status, currentReplicas: current }
  if (reason === undefined) return status
  try {
    await resize(client, target, replicas)
  } catch (error) {
    const why = toError(error).message
    recorder.event(autoscaler, 'Warning', 'FailedRescale', `New size: ${replicas}; reason: ${reason}; error: ${why}`)
    const text = `the HPA controller was unable to update the target scale: ${why}`
    return withCondition(status, able('False', 'FailedUpdateScale', text), now)
  }
  recorder.event(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`)
  noteChange(past, { change: replicas - current, at: now }, autoscaler.spec.behavior)
  const text = `the HPA controller was able to update the target scale to ${replicas}`
  const resized = withCondition(status, able('True', 'SucceededRescale', text), now)
  return { ...resized, desiredReplicas: replicas, lastScaleTime: toTime(now) }
}

interface Decision {
  status: AutoscalerStatus
  replicas: number
  /** Why the target is resized; undefined if it is not. */
  reason?: string
}

/** How many replicas there shall be (horizontal.go reconcileAutoscaler). */
async function decide(
  autoscaler: HorizontalPodAutoscaler & { status: AutoscalerStatus },
  { target, past, selectors }: { target: ScaleTarget; past: Past; selectors: Selectors },
  context: ControllerContext,
): Promise<Decision> {
  const { minReplicas: min = 1, maxReplicas: max, behavior } = autoscaler.spec
  const { status } = autoscaler
  const current = target.scale.spec?.replicas ?? 0
  const now = context.clock.now()
  if (current === 0) {
    const message = 'scaling is disabled since the replica count of the target is zero'
    const disabled: Verdict = { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled', message }
    return { status: { ...withCondition(status, disabled, now), desiredReplicas: 0 }, replicas: 0 }
  }
  if (current > max) return { status, replicas: max, reason: 'Current number of replicas above Spec.MaxReplicas' }
  if (current < min) return { status, replicas: min, reason: 'Current number of replicas below Spec.MinReplicas' }

  const { wanted, active, currentMetrics } = await measure(autoscaler, { scale: target.scale, selectors }, context)
  const measured = { ...withCondition(status, active, now), ...(currentMetrics && { currentMetrics }) }
  if (!wanted) return { status: measured, replicas: current }
  const { replicas: stable, ...able } = stabilize({ current, wanted: wanted.replicas, behavior, past, now })
  const { replicas, ...limited } = limit({ current, wanted: stable, min, max, behavior, past, now })
  const stabilized = withCondition(measured, { type: 'AbleToScale', status: 'True', ...able }, now)
  const isLimited = replicas === stable ? 'False' : 'True'
  const decided = withCondition(stabilized, { type: 'ScalingLimited', status: isLimited, ...limited }, now)
  if (replicas === current) return { status: { ...decided, desiredReplicas: current }, replicas }
  const reason =
    wanted.replicas > current
      ? `${wanted.metric} above target`
      : wanted.replicas < current
        ? 'All metrics below target'
        : ''
  return { status: decided, replicas, reason }
}
