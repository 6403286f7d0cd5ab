import { pods, type Node } from '../../shared/api/core.ts'
import { keyOf } from '../../shared/client/key.ts'
import type { EventRecorder } from '../../shared/client/recorder.ts'
import { isNotFound } from '../../shared/machinery/status.ts'
import { createVolumeBinder } from './bind-volumes.ts'
import { createClaimBinder } from './devices/bind-claims.ts'
import type { PodInfo } from './pod-info.ts'
import type { Reserved } from './reserved.ts'
import type { SchedulerParts } from './scheduler-parts.ts'
import { writeUnscheduled } from './write-unscheduled.ts'

/** Binds pods to the nodes that were chosen for them (the binding cycle of schedule_one.go). */
export interface PodBinder {
  /**
   * Takes what the pod needs of the node at once, so that the next pod does not count on it, then has it written. The
   * promise resolves when that is done, or given up and made undone.
   */
  bind(pod: PodInfo, node: Node, recorder: EventRecorder): Promise<void>
  /** Whether the pod counts as being on a node though the API has not said so. */
  isAssumed(uid: string): boolean
  /** The API has said so. */
  confirm(uid: string): void
  /** The pod is gone: nobody waits for its volumes any more. */
  abandon(uid: string): void
}

/** What has to be written for a plugin before the pod may be bound. */
interface Step {
  plugin: string
  reserved: Reserved | undefined
}

interface Placement {
  node: string
  recorder: EventRecorder
  steps: readonly Step[]
}

export function createPodBinder(parts: SchedulerParts): PodBinder {
  const { client, informers, cluster, queue, log } = parts
  const podInformer = informers.informer(pods)
  const volumeBinder = createVolumeBinder(parts)
  const claimBinder = createClaimBinder(parts)
  const assumed = new Set<string>()
  const binding = new Map<string, AbortController>()

  async function write(info: PodInfo, { node, recorder, steps }: Placement) {
    using reservations = new DisposableStack()
    for (const { reserved } of steps) reservations.use(reserved)
    const { pod } = info
    const { namespace = '', name, uid } = pod.metadata
    const target = { apiVersion: 'v1', kind: 'Node', name: node }
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { namespace, name, uid }, target }
    const gone = new AbortController()
    const signal = AbortSignal.any([parts.signal, gone.signal])
    let running = ''
    binding.set(uid, gone)
    try {
      for (const { plugin, reserved } of steps) {
        running = `PreBind plugin "${plugin}"`
        await reserved?.bind(signal)
      }
      running = 'Bind plugin "DefaultBinder"'
      await client.createSubresource(pods, keyOf(pod), 'binding', body)
      recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${namespace}/${name} to ${node}`)
    } catch (error) {
      unassume(info)
      if (isNotFound(error) || signal.aborted) return
      const why = error instanceof Error ? error.message : String(error)
      log.error('Binding failed', { pod: `${namespace}/${name}`, node, error })
      queue.retry(info)
      const message = `running ${running}: ${why}`
      recorder.event(pod, 'Warning', 'FailedScheduling', message)
      await writeUnscheduled(pod, { reason: 'SchedulerError', message, nominated: undefined }, parts)
    } finally {
      binding.delete(uid)
    }
  }

  /** Unless the binding took effect after all, which the informer knows. */
  function unassume({ pod, uid }: PodInfo) {
    assumed.delete(uid)
    const seen = podInformer.get(keyOf(pod))
    if (seen?.metadata.uid === uid && seen.spec.nodeName) return
    cluster.infos.remove(uid)
    parts.changed({ of: 'pod', before: pod })
  }

  return {
    bind(pod, node, recorder) {
      const steps = [
        { plugin: 'VolumeBinding', reserved: volumeBinder.reserve(pod, node, cluster) },
        { plugin: 'DynamicResources', reserved: claimBinder.reserve(pod, node, cluster) },
      ]
      cluster.infos.put(pod, node.metadata.name)
      assumed.add(pod.uid)
      return write(pod, { node: node.metadata.name, recorder, steps })
    },
    isAssumed: uid => assumed.has(uid),
    confirm: uid => assumed.delete(uid),
    abandon(uid) {
      binding.get(uid)?.abort()
      assumed.delete(uid)
    },
  }
}
