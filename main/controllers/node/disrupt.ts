import { pods, type Pod } from '../../../shared/api/core.ts'
import type { ControllerContext } from '../../../shared/client/controller.ts'
import { keyOf } from '../../../shared/client/key.ts'
import { toTime } from '../../../shared/machinery/clock.ts'
import { isNotFound } from '../../../shared/machinery/status.ts'
import { isTerminal } from '../pod-state.ts'

interface Disruption {
  /** For the DisruptionTarget condition (KEP-3329); none if a user asked for the deletion. */
  condition?: { reason: string; message: string }
  /** No kubelet is left that would: fail the pod and delete it at once. */
  force: boolean
}

/** Deletes a pod for the control plane's reasons and says in its status why. */
export async function disrupt(
  pod: Pod,
  { condition, force }: Disruption,
  { client, clock }: Pick<ControllerContext, 'client' | 'clock'>,
): Promise<void> {
  const isOpen = !isTerminal(pod)
  const target = condition && {
    type: 'DisruptionTarget',
    status: 'True',
    ...condition,
    lastTransitionTime: toTime(clock.now()),
  }
  const status = { ...(force && isOpen && { phase: 'Failed' }), ...(target && isOpen && { conditions: [target] }) }
  const { uid } = pod.metadata
  try {
    if (Object.keys(status).length > 0) {
      const body = { metadata: { uid }, status }
      const patch = { type: 'application/strategic-merge-patch+json', body, subresource: 'status' } as const
      await client.patch(pods, keyOf(pod), patch)
    }
    await client.delete(pods, keyOf(pod), { preconditions: { uid }, ...(force && { gracePeriodSeconds: 0 }) })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
