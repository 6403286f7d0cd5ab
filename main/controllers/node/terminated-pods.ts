import { pods, type Pod } from '../../../shared/api/core.ts'
import type { Controller } from '../../../shared/client/controller.ts'
import { isTerminal } from '../pod-state.ts'
import { disrupt } from './disrupt.ts'

const all = { namespace: '', name: 'terminated' }
const ended = 'ended'

/**
 * Deletes the oldest of the pods that have ended once there are more than `threshold`
 * (--terminated-pod-gc-threshold; gc_controller.go gcTerminated): evicted ones first, which no controller counts.
 */
export function terminatedPodCollector({ threshold }: { threshold: number }): Controller {
  return {
    name: 'terminated-pod-collector',
    watches: [
      {
        ref: pods,
        keys: ({ now, before }: { now?: Pod; before?: Pod }) =>
          now && isTerminal(now) && !(before && isTerminal(before)) ? [all] : [],
      },
    ],

    async reconcile(_, context) {
      const informer = context.informers.informer(pods)
      informer.index(ended, pod => (isTerminal(pod) && !pod.metadata.deletionTimestamp ? [ended] : []))
      const surplus = informer.by(ended, ended)
      if (surplus.length <= threshold) return
      surplus.sort(byEvictionAndAge).splice(surplus.length - threshold)
      await Promise.all(surplus.map(pod => disrupt(pod, { force: true }, context)))
    },
  }
}

function byEvictionAndAge(a: Pod, b: Pod): number {
  const rank = ({ status }: Pod) => (status?.phase === 'Failed' && status.reason === 'Evicted' ? 0 : 1)
  const age = ({ metadata }: Pod) => `${metadata.creationTimestamp ?? ''} ${metadata.name}`
  return rank(a) - rank(b) || (age(a) < age(b) ? -1 : 1)
}
