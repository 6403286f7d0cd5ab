import type { PodRecords } from './pod-records.ts'
import type { Runtime } from '../runtime.ts'

/** Shares lists of the runtime among pods that all need one at the same time. */
export interface Relist {
  /** Everything, from a list that is begun after the call. */
  all(): Promise<PodRecords>
  /** What of it belongs to one pod. */
  pod(uid: string): Promise<PodRecords>
}

export function createRelist(runtime: Runtime): Relist {
  let next: Promise<PodRecords> | undefined
  /** A list that is under way may be older than what the caller knows: all who ask meanwhile share the one after it. */
  let current: Promise<unknown> = Promise.resolve()

  function all(): Promise<PodRecords> {
    next ??= current.then(() => {
      next = undefined
      const list = runtime.list()
      current = list.catch(() => undefined)
      return list
    })
    return next
  }

  return {
    all,
    async pod(uid) {
      const { sandboxes, containers } = await all()
      return {
        sandboxes: sandboxes.filter(s => s.pod.uid === uid),
        containers: containers.filter(c => c.pod.uid === uid),
      }
    },
  }
}
