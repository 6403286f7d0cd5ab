import { pods, type Pod } from '../../shared/api/core.ts'
import { keyOf } from '../../shared/client/key.ts'
import { toTime } from '../../shared/machinery/clock.ts'
import { isNotFound } from '../../shared/machinery/status.ts'
import type { SchedulerParts } from './scheduler-parts.ts'

interface Failure {
  reason: 'Unschedulable' | 'SchedulerError'
  message: string
  /** The node where others were made to leave for the pod. */
  nominated: string | undefined
}

/** Says in the pod's status why it has no node, and which one it waits for; writes only what differs. */
export async function writeUnscheduled(tried: Pod, failure: Failure, parts: SchedulerParts): Promise<void> {
  const { client, informers, clock, log } = parts
  const { reason, message, nominated } = failure
  const pod = informers.informer(pods).get(keyOf(tried)) ?? tried
  const { uid, generation } = pod.metadata
  const before = pod.status?.conditions?.find(each => each.type === 'PodScheduled')
  const isSaid = before?.status === 'False' && before.reason === reason && before.message === message
  const isNominated = (pod.status?.nominatedNodeName || undefined) === nominated
  if (isSaid && isNominated) return
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: (before?.status === 'False' && before.lastTransitionTime) || toTime(clock.now()),
    ...(generation !== undefined && { observedGeneration: generation }),
  }
  const status = {
    ...(!isSaid && { conditions: [condition] }),
    ...(!isNominated && { nominatedNodeName: nominated ?? null }),
  }
  try {
    const type = 'application/strategic-merge-patch+json'
    await client.patch(pods, keyOf(pod), { type, subresource: 'status', body: { metadata: { uid }, status } })
  } catch (error) {
    if (!isNotFound(error)) log.error('Condition not written', { pod: keyOf(pod), error })
  }
}
