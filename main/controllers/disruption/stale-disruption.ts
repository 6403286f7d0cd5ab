import { pods } from '../../../shared/api/core.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { each } from '../../../shared/client/watches.ts'
import { conditionOf, isTerminal } from '../pod-state.ts'
import { toTime } from '../../../shared/machinery/clock.ts'

/** How long a pod may be the target of a disruption before that is taken back. */
const timeout = 120_000

/** Takes the DisruptionTarget condition back from pods that were not deleted after all (disruption.go syncStalePodDisruption). */
export const staleDisruptionController: Controller = {
  name: 'stale-disruption-controller',
  watches: [each(pods)],
  async reconcile(key, { client, informers, clock }) {
    const pod = informers.informer(pods).get(key)
    const condition = conditionOf(pod?.status?.conditions, 'DisruptionTarget')
    if (!pod || pod.metadata.deletionTimestamp || isTerminal(pod) || condition?.status !== 'True') return undefined
    // The kubelet takes its time with pods that it ends.
    if (condition.reason === 'TerminationByKubelet') return undefined
    const now = clock.now()
    const left = Date.parse(condition.lastTransitionTime ?? '') + timeout - now
    if (left > 0) return { requeueAfter: left }
    const reset = { type: 'DisruptionTarget', status: 'False', lastTransitionTime: toTime(now) }
    const conditions = (pod.status?.conditions ?? []).map(each => (each === condition ? reset : each))
    await client.update(pods, { ...pod, status: { ...pod.status, conditions } }, 'status')
    return undefined
  },
}
