import { pods, type Pod } from '../../shared/api/core.ts'
import type { Client } from '../../shared/client/client.ts'
import { keyOf } from '../../shared/client/key.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import { toTime, type Clock } from '../../shared/machinery/clock.ts'
import { isNotFound } from '../../shared/machinery/status.ts'

interface Eviction {
  victim: Pod
  /** Whom room is made for. */
  preemptor: Pod
  node: string
  client: Client
  recorder: EventRecorder
  clock: Clock
}

/** Tells a pod why it has to go and deletes it, with its own grace period (preemption/executor.go). */
export async function evict({ victim, preemptor, node, client, recorder, clock }: Eviction): Promise<void> {
  if (victim.metadata.deletionTimestamp) return
  const { uid, generation } = victim.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${preemptor.spec.schedulerName ?? ''}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: toTime(clock.now()),
    ...(generation !== undefined && { observedGeneration: generation }),
  }
  const body = { metadata: { uid }, status: { conditions: [condition] } }
  try {
    const type = 'application/strategic-merge-patch+json'
    await client.patch(pods, keyOf(victim), { type, subresource: 'status', body })
    await client.delete(pods, keyOf(victim), { preconditions: { uid } })
  } catch (error) {
    if (isNotFound(error)) return
    throw error
  }
  recorder.event(victim, 'Normal', 'Preempted', `Preempted by pod ${preemptor.metadata.uid} on node ${node}`)
}
