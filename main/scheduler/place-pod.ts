import { keyOf, keyText } from '../../shared/client/key.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import type { PodBinder } from './bind-pod.ts'
import { decide } from './decide.ts'
import { evict } from './evict.ts'
import type { PodInfo } from './pod-info.ts'
import type { Victims } from './preempt.ts'
import type { SchedulerParts } from './scheduler-parts.ts'
import { writeUnscheduled } from './write-unscheduled.ts'

interface Options {
  parts: SchedulerParts
  binder: PodBinder
  /** What a decision brings about goes on by itself. */
  track: (work: Promise<void>) => void
}

/** Makes the function that decides about one pod and begins with what follows (the scheduling cycle of schedule_one.go). */
export function createPlacement({ parts, binder, track }: Options): (pod: PodInfo) => void {
  const { cluster, queue, clock, random, log } = parts
  const { infos } = cluster
  /** Index of the node that the next decision begins with. */
  let start = 0

  /** Makes the victims leave; the pod keeps its claim on the node until it is placed. */
  async function makeRoom(pod: PodInfo, { node, victims }: Victims, recorder: EventRecorder) {
    using _ = queue.hold(pod.uid)
    const outranked = infos.nominatedTo(node).filter(other => other.priority < pod.priority)
    infos.nominate(pod, node)
    for (const other of outranked) {
      infos.nominate(other, undefined)
      queue.add(other) // it may find another place sooner than room for both comes about
    }
    try {
      const { client } = parts
      await Promise.all(victims.map(victim => evict({ victim, preemptor: pod.pod, node, client, recorder, clock })))
    } catch (error) {
      log.error('Preemption failed', { pod: keyText(keyOf(pod.pod)), node, error })
      queue.retry(pod)
    }
  }

  return pod => {
    const framework = parts.frameworkOf(pod.pod)
    if (!framework) return
    const { profile, recorder } = framework
    const decision = decide(pod, { cluster, profile, start, now: clock.now(), random })
    start = (start + decision.evaluated) % Math.max(1, infos.list().length)
    parts.decisions.put(pod.uid, decision)
    const node = decision.node === undefined ? undefined : infos.get(decision.node)?.node
    if (node) {
      track(binder.bind(pod, node, recorder))
      return
    }
    queue.park(pod, decision.rejectedBy)
    const { message, preemption } = decision
    recorder.event(pod.pod, 'Warning', 'FailedScheduling', message)
    if (preemption) track(makeRoom(pod, preemption, recorder))
    if (decision.forgetsNode) infos.nominate(pod, undefined)
    const nominated = infos.nominatedNode(pod.uid)
    track(writeUnscheduled(pod.pod, { reason: 'Unschedulable', message, nominated }, parts))
  }
}
